import subprocess
import sys

from oo_desktop.app.heap import _call, return_free_memory, use_one_arena

THREADS = """
import re, threading
from pathlib import Path
from oo_desktop.app.heap import use_one_arena
if {one}:
    assert use_one_arena()
held, met = [], threading.Barrier(5)
def hold():
    held.append(["x" * 2000 for _ in range(200)])
    met.wait()
for _ in range(4):
    threading.Thread(target=hold).start()
met.wait()
maps = Path("/proc/self/maps").read_text()
reserved = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) ---p \\S+ 00:00 0 *$", maps, re.MULTILINE)
print(sum(int(end, 16) - int(start, 16) > 32 * 2**20 for start, end in reserved))
"""


def reserved(*, one: bool) -> int:
    """How much address space is set aside for arenas of threads, in pieces of 64 MB."""
    code = THREADS.format(one=one)
    return int(subprocess.check_output([sys.executable, "-c", code], text=True))


def test_threads_have_no_arenas_of_their_own() -> None:
    assert reserved(one=False) > 0
    assert reserved(one=True) == 0


def test_what_is_free_is_given_back() -> None:
    held = [bytes(100_000) for _ in range(200)]
    del held[::2]
    del held
    assert return_free_memory() in (True, False)


def test_a_c_library_that_knows_nothing_of_it_is_left_alone() -> None:
    assert not _call("no_such_function", 0)
    assert use_one_arena()
