"""A first start on a desktop that has lists: from the icon to their tasks in the menu, one click.

The real panel, the real Evolution Data Server, and oO as a process: nothing is asked, nothing is
polled, and while nothing happens nothing is done.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.bench.costs import wakeups_a_second
from tests.desktop.data_server import CALENDAR, SOURCES, DataServer, todo, value
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession

_numbers = count()

CONNECT = "Connect calendars of this computer"
CAT, DOG = "Feed the cat", "Feed the dog"
VIEW = "org.gnome.evolution.dataserver.CalendarView"
TASKS = "system-task-list"

SETTLED_SECONDS = 13.0
"""After the last change until all rests: ten seconds after a start, oO looks for a panel once."""

REST_SECONDS = 5.0


@contextmanager
def lists_here(desktop: DesktopSession) -> Iterator[DataServer]:
    """Run the service with its own lists, and leave nothing of it behind."""
    eds = DataServer(desktop)
    try:
        yield eds
    finally:
        eds.remove()
        eds.forget()


@pytest.fixture
def eds(desktop: DesktopSession) -> Iterator[DataServer]:
    """Yield the service with a task that is due today."""
    with lists_here(desktop) as eds:
        eds.create(TASKS, due_today("cat", CAT))
        yield eds


@pytest.fixture
def oo(desktop: DesktopSession, sandbox: SandboxProcess, eds: DataServer) -> Iterator[RunningOo]:
    """Yield oO with a new home, started and not connected to anything."""
    settings = "poll_interval = 5\nundo_seconds = 0\n"
    oo = RunningOo(desktop, sandbox, name=f"here-{next(_numbers)}", settings=settings)
    oo.start()
    yield oo
    oo.end_well()


def due_today(uid: str, title: str, *lines: str) -> str:
    return todo(uid, f"SUMMARY:{title}", f"DUE;VALUE=DATE:{today():%Y%m%d}", *lines)


def today() -> date:
    return date.today()  # noqa: DTZ011  # the machine's day, as the panel shows it


def connect(oo: RunningOo) -> None:
    oo.menu.wait_for(CONNECT)
    oo.menu.click(CONNECT)


def test_one_click_brings_the_tasks_of_this_computer_into_the_menu(
    desktop: DesktopSession, oo: RunningOo
) -> None:
    connect(oo)
    oo.menu.wait_for(f"{CAT} · Personal")
    assert desktop.keyring.entries() == []
    (task,) = oo.ask("signals")
    assert (task["source"], task["container"]) == ("desktop", "Personal")


def test_a_click_does_a_task_and_undo_takes_it_back(oo: RunningOo, eds: DataServer) -> None:
    connect(oo)
    oo.menu.wait_for(CAT)
    oo.menu.click(CAT)
    wait_until(lambda: state(eds, "cat") == "COMPLETED", "the task to be done")
    oo.menu.wait_for("Undo")
    oo.menu.click("Undo")
    wait_until(lambda: state(eds, "cat") != "COMPLETED", "the task to be open")
    oo.menu.wait_for(f"{CAT} · Personal")


def test_what_another_program_adds_is_in_the_menu_without_a_poll(
    oo: RunningOo, eds: DataServer
) -> None:
    connect(oo)
    oo.menu.wait_for(CAT)
    eds.create(TASKS, due_today("dog", DOG))
    oo.menu.wait_for(DOG)
    eds.kill_factory()
    eds.create(TASKS, due_today("ox", "Feed the ox"))
    oo.menu.wait_for("Feed the ox")


def test_at_rest_no_message_passes_and_nothing_wakes(
    desktop: DesktopSession, oo: RunningOo, eds: DataServer
) -> None:
    connect(oo)
    oo.menu.wait_for(CAT)
    time.sleep(SETTLED_SECONDS)
    mark = desktop.record.mark()
    assert wakeups_a_second(oo.program.pid, REST_SECONDS) == 0
    assert passed_since(mark, desktop, oo) == []
    eds.create(TASKS, due_today("dog", DOG))
    oo.menu.wait_for(DOG)
    assert (VIEW, "ObjectsAdded") in passed_since(mark, desktop, oo)


def passed_since(mark: int, desktop: DesktopSession, oo: RunningOo) -> list[tuple[str, str]]:
    """Return what oO or the service sent or was sent."""
    bus = desktop.bus
    names = bus.names_of(oo.program.pid) | {bus.owner(CALENDAR), bus.owner(SOURCES)}
    return [
        (passed.interface, passed.member)
        for passed in desktop.record.since(mark)
        if {passed.sender, passed.destination} & names
    ]


def state(eds: DataServer, uid: str) -> str:
    (component,) = eds.components(TASKS, uid)
    return value(component, "STATUS")
