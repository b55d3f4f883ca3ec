"""What a person hears who sees nothing, and that a task is done by that alone."""

from collections.abc import Iterator

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.screen_reader import CHECKABLE, CHECKED, FOCUSABLE, FOCUSED, ScreenReader, Thing
from tests.desktop.session import DesktopSession
from tests.desktop.test_tasks import REPORT, task
from tests.desktop.test_window import type_keys, wait_for_window


@pytest.fixture
def reader(desktop: DesktopSession) -> Iterator[ScreenReader]:
    reader = ScreenReader(desktop)
    yield reader
    reader.close()


@pytest.fixture
def window(reader: ScreenReader, oo: RunningOo) -> Thing:
    """oO's window with tasks in it, as a reader finds it."""
    oo.env["QT_LINUX_ACCESSIBILITY_ALWAYS_ON"] = "1"
    oo.start_connected()
    oo.menu.wait_for("Send the grant report")
    oo.say("show")
    return reader.window("oO")


def named(window: Thing, name: str) -> Thing:
    return wait_until(
        lambda: next((each for each in window.inside() if name in each.name), None), name
    )


def test_the_window_is_heard_as_one(window: Thing) -> None:
    assert window.role in {"frame", "window"}


def test_everything_that_can_be_focused_has_a_name_and_a_role(window: Thing) -> None:
    named(window, "Send the grant report")
    things = [each for each in window.inside() if each.has(FOCUSABLE)]
    assert len(things) > 3
    assert [(each.role, each.path) for each in things if not each.name or not each.role] == []


def test_a_task_is_heard_with_its_priority_and_project(window: Thing) -> None:
    heard = named(window, "Send the grant report")
    assert heard.name == "Send the grant report, priority 1, Work"
    assert heard.has(CHECKABLE)
    assert not heard.has(CHECKED)


def test_a_task_is_done_by_what_is_heard_and_the_keyboard(
    window: Thing, desktop: DesktopSession, sandbox: SandboxProcess
) -> None:
    seen = wait_for_window(desktop)

    def entries() -> list[Thing]:
        return [each for each in window.inside() if each.role == "list item"]

    def heard() -> str:
        return next((each.name for each in entries() if each.has(FOCUSED)), "")

    for _ in range(30):
        if "Send the grant report" in heard():
            break
        type_keys(desktop, seen, "Down")
    else:
        pytest.fail("the task is never heard")
    names = [each.name for each in entries() if each.has(FOCUSABLE)]
    following = names[names.index(heard()) + 1]  # which is another one at another hour
    type_keys(desktop, seen, "space")
    wait_until(lambda: task(sandbox, REPORT)["checked"], "the task to be done")
    wait_until(lambda: heard() and "Send the grant report" not in heard(), "the next task")
    assert heard() == following
