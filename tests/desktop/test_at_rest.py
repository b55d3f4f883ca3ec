"""What oO does and holds while nothing changes: counts, which no machine's speed changes."""

import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.bench.costs import stamps, wakeups_a_second
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


@pytest.fixture
def idle(desktop: DesktopSession, sandbox: SandboxProcess) -> Iterator[RunningOo]:
    """Yield oO connected, with its tasks in the menu, and with nothing to do for an hour."""
    oo = RunningOo(
        desktop, sandbox, name=f"resting-{next(_numbers)}", settings="poll_interval = 3600\n"
    )
    oo.start_connected()
    oo.menu.wait_for(TASK)
    yield oo
    oo.end_well()


@pytest.fixture
def resting(idle: RunningOo) -> RunningOo:
    """Return it once all that the start has begun is over."""
    time.sleep(SETTLED_SECONDS)
    return idle


def test_while_nothing_changes_nothing_is_done(
    desktop: DesktopSession, sandbox: SandboxProcess, resting: RunningOo
) -> None:
    mark, written, asked = desktop.record.mark(), stamps(resting.home), requests(sandbox)
    assert wakeups_a_second(resting.program.pid, REST_SECONDS) == 0
    assert desktop.record.sent_by(resting.program.pid, mark) == []
    assert stamps(resting.home) == written
    assert requests(sandbox) == asked


def test_at_rest_little_is_held(resting: RunningOo) -> None:
    pid = resting.program.pid
    tasks = Path(f"/proc/{pid}/task").iterdir()
    names = [(task / "comm").read_text().strip() for task in tasks]
    assert sorted(name for name in names if name != POOLED) == sorted(THREADS)
    assert children(pid) == []  # the keyring's process, for one
    assert open_files(pid) <= Counter(FILES)


def test_a_poll_of_what_has_not_changed_is_one_request_and_draws_nothing(
    desktop: DesktopSession, sandbox: SandboxProcess, idle: RunningOo
) -> None:
    time.sleep(1)
    mark, asked = desktop.record.mark(), requests(sandbox)
    idle.ask("refresh")
    wait_until(lambda: requests(sandbox) > asked, "the poll")
    time.sleep(1)
    assert requests(sandbox) == asked + 1
    told = [each.member for each in desktop.record.sent_by(idle.program.pid, mark)]
    assert {"LayoutUpdated", "NewIcon", "Changed"} & set(told) == set()


def requests(sandbox: SandboxProcess) -> int:
    """How many requests the sandbox has had that were not about itself."""
    return len(sandbox.state()["requests"])


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
