"""Tell what a process costs, as Linux counts it (proc(5))."""

import os
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def pss_megabytes(pid: int | str) -> float:
    """Return its memory in MB, shared pages divided among those who share them."""
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") / 1024


def pss_by_mapping(pid: int) -> Mapping[str, float]:
    """Return the same by what is mapped: a file's name, `[heap]`, `[anon]` (Python's own)."""
    found: Counter[str] = Counter()
    name = ""
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        first, *others = line.split(maxsplit=5)
        if not first.endswith(":"):
            name = Path(others[4]).name if len(others) > 4 else "[anon]"
        elif first == "Pss:":
            found[name] += int(others[0])
    return {each: kilobytes / 1024 for each, kilobytes in found.items()}


def _kilobytes(file: Path, key: str) -> int:
    for line in file.read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    raise AssertionError(f"{file} has no {key}")


def wakeups_a_second(pid: int, seconds: float) -> float:
    """Return how often any of its threads woke up by itself, over `seconds`."""
    before, started = _voluntary_switches(pid), time.perf_counter()
    time.sleep(seconds)
    passed = time.perf_counter() - started
    now = _voluntary_switches(pid)  # a thread that has ended is no wake-up less
    return sum(count - before.get(thread, 0) for thread, count in now.items()) / passed


def _voluntary_switches(pid: int) -> Mapping[str, int]:
    """Of each thread."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # it ends just now
            found[task.name] = _kilobytes(task / "status", "voluntary_ctxt_switches:")
    return found


def cpu_milliseconds(pid: int) -> float:
    """Return the processor time it has used, in milliseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def stamps(folder: Path) -> Mapping[str, tuple[int, int]]:
    """Return of each file below `folder` when it was last written, and how long it is."""
    files = ((file, file.stat()) for file in folder.rglob("*"))
    return {str(file): (status.st_mtime_ns, status.st_size) for file, status in files}
