"""What oO does and holds while nothing changes: counts, which no machine's speed changes."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.bench.costs import wakeups_a_second
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession

_numbers = count()

TASK = "Send the grant report"

SETTLED_SECONDS = 13.0
"""After a start until all rests: the keyring's process goes, and a panel is looked for once."""

REST_SECONDS = 5.0

THREADS = {"oo-desktop", "QDBusConnection", "QXcbEventQueue"}
"""The loop's, and two of Qt's: for the bus, and for what the display says."""

POOLED = "Thread (pooled)"
"""What Qt draws pictures with, and gives up when it has had nothing to do for half a minute."""

FILES = {"socket": 11, "file": 7, "anonymous": 8}
"""Most that are open, by kind: of files the database's, the lock's and the log's."""

KINDS = {"anon_inode": "anonymous"}
"""What Linux calls them."""


class Rest(NamedTuple):
    """Is what oO did in some seconds of rest, and what it held then. files: by kind."""

    wakeups: float
    sent: list[str]
    written: bool
    asked: int
    threads: list[str]
    children: list[str]
    files: Counter[str]


@contextmanager
def idle(desktop: DesktopSession, sandbox: SandboxProcess) -> Iterator[RunningOo]:
    """Run oO connected, with its tasks in the menu, and with nothing to do for an hour."""
    oo = RunningOo(
        desktop, sandbox, name=f"resting-{next(_numbers)}", settings="poll_interval = 3600\n"
    )
    oo.start_connected()
    oo.menu.wait_for(TASK)
    yield oo
    oo.end_well()


@pytest.fixture(scope="module")
def rest(desktop_session: DesktopSession, sandbox_process: SandboxProcess) -> Rest:
    """Look at it once, when all that the start has begun is over."""
    desktop_session.reset()
    sandbox_process.control("clear_faults")
    sandbox_process.control("reset", apps=True)
    with idle(desktop_session, sandbox_process) as oo:
        time.sleep(SETTLED_SECONDS)
        pid, mark = oo.program.pid, desktop_session.record.mark()
        written, asked = stamps(oo.home), requests(sandbox_process)
        return Rest(
            wakeups=wakeups_a_second(pid, REST_SECONDS),
            sent=[each.member for each in desktop_session.record.sent_by(pid, mark)],
            written=stamps(oo.home) != written,
            asked=requests(sandbox_process) - asked,
            threads=threads(pid),
            children=children(pid),
            files=open_files(pid),
        )


def test_while_nothing_changes_nothing_is_done(rest: Rest) -> None:
    assert rest.wakeups == 0
    assert rest.sent == []
    assert not rest.written
    assert rest.asked == 0


def test_at_rest_little_is_held(rest: Rest) -> None:
    assert sorted(name for name in rest.threads if name != POOLED) == sorted(THREADS)
    assert rest.children == []  # the keyring's process, for one
    assert rest.files <= Counter(FILES)


def test_a_poll_of_what_has_not_changed_is_one_request_and_draws_nothing(
    desktop: DesktopSession, sandbox: SandboxProcess
) -> None:
    with idle(desktop, sandbox) as oo:
        time.sleep(1)
        mark, asked = desktop.record.mark(), requests(sandbox)
        oo.ask("refresh")
        wait_until(lambda: requests(sandbox) > asked, "the poll")
        time.sleep(1)
        assert requests(sandbox) == asked + 1
        told = [each.member for each in desktop.record.sent_by(oo.program.pid, mark)]
        assert {"LayoutUpdated", "NewIcon", "Changed"} & set(told) == set()


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """When each file was last written, and how long it is."""
    files = ((file, file.stat()) for file in folder.rglob("*"))
    return {str(file): (status.st_mtime_ns, status.st_size) for file, status in files}


def requests(sandbox: SandboxProcess) -> int:
    """How many requests the sandbox has had that were not about itself."""
    return len(sandbox.state()["requests"])


def threads(pid: int) -> list[str]:
    return [(task / "comm").read_text().strip() for task in Path(f"/proc/{pid}/task").iterdir()]


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def open_files(pid: int) -> Counter[str]:
    """What is open, by kind, but for what was given at the start."""
    found: Counter[str] = Counter()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        if int(link.name) > 2:
            name = str(link.readlink())
            kind = name.partition(":")[0]
            found["file" if name.startswith("/") else KINDS.get(kind, kind)] += 1
    return found
