"""Tasks in the tray's menu, clicked over D-Bus as a panel does it."""

import re
import time
from typing import Any

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession
from tests.desktop.tray import ITEM, MENU

REPORT = "Send the grant report"
BOOKS = "Take back the library books"
PLANTS = "Water the plants"


def task(sandbox: SandboxProcess, content: str) -> dict[str, Any]:
    """Return the sandbox's own view of a task."""
    found: dict[str, Any] = next(
        task for task in sandbox.state()["tasks"] if task["content"] == content
    )
    return found


def polls(sandbox: SandboxProcess) -> int:
    return sum(r["path"].endswith("/tasks/filter") for r in sandbox.state()["requests"])


def test_a_click_completes_the_task_and_undo_brings_it_back(
    connected: RunningOo, sandbox: SandboxProcess
) -> None:
    connected.menu.click(REPORT)

    wait_until(lambda: task(sandbox, REPORT)["checked"], "the task to be done in Todoist")
    connected.menu.wait_for("Undo")
    connected.menu.click("Undo")

    wait_until(lambda: not task(sandbox, REPORT)["checked"], "the task to be open in Todoist")
    connected.menu.wait_for(f"{REPORT} · Work · p1")


def test_a_click_on_the_saved_list_in_the_moment_it_is_there_is_carried_out_and_confirmed(
    desktop: DesktopSession, connected: RunningOo, sandbox: SandboxProcess
) -> None:
    """What delivers it and what confirms it may be imported only then."""
    connected.stop()
    connected.start()
    connected.menu.wait_for(REPORT)
    connected.menu.click(REPORT)

    wait_until(lambda: task(sandbox, REPORT)["checked"], "the task to be done in Todoist")
    desktop.notifications.wait_for(REPORT)


def test_a_click_is_confirmed_in_a_notification_with_undo(
    desktop: DesktopSession, connected: RunningOo, sandbox: SandboxProcess
) -> None:
    connected.menu.click(REPORT)
    wait_until(lambda: task(sandbox, REPORT)["checked"], "the task to be done in Todoist")

    done = desktop.notifications.wait_for(REPORT)
    desktop.notifications.press(done, "Undo")

    wait_until(lambda: not task(sandbox, REPORT)["checked"], "the task to be open in Todoist")


def test_tomorrow_in_the_submenu_moves_the_task_in_todoist(
    desktop: DesktopSession, connected: RunningOo, sandbox: SandboxProcess
) -> None:
    before = task(sandbox, REPORT)["due"]["date"]

    connected.menu.click("Reschedule", REPORT, "Tomorrow, ")

    wait_until(lambda: task(sandbox, REPORT)["due"]["date"] > before, "the task to be moved")
    assert task(sandbox, REPORT)["checked"] is False
    assert desktop.notifications.wait_for(REPORT).title == f"Moved to tomorrow: {REPORT}"
    connected.menu.wait_without(f"{REPORT} · Work · p1")
    connected.menu.click(f"Undo moving “{REPORT}”")
    wait_until(lambda: task(sandbox, REPORT)["due"]["date"] == before, "the task to be back")


def test_the_click_before_the_last_can_be_undone_alone(
    connected: RunningOo, sandbox: SandboxProcess
) -> None:
    for title in (BOOKS, REPORT, PLANTS):
        connected.menu.click(title)
    wait_until(lambda: task(sandbox, REPORT)["checked"], "the task to be done in Todoist")
    connected.menu.wait_for(f"Undo “{PLANTS}”")

    connected.menu.click("Undo an earlier one", f"Undo “{REPORT}”")

    wait_until(lambda: not task(sandbox, REPORT)["checked"], "the task to be open in Todoist")
    assert task(sandbox, BOOKS)["checked"] is True


def test_a_refused_click_says_why_and_can_be_sent_again(
    desktop: DesktopSession, connected: RunningOo, sandbox: SandboxProcess
) -> None:
    sandbox.control("fail", path="/api/v1/sync", status=403, count=50)
    connected.menu.click("Reschedule", REPORT, "Tomorrow, ")

    notice = desktop.notifications.wait_for(f"Not moved: {REPORT}")
    assert notice.body
    assert connected.menu.read().has(f"{REPORT} · Work · p1")
    sandbox.control("clear_faults")
    connected.menu.click(f"Not moved: {REPORT}", "Try again")

    connected.menu.wait_without(f"Not moved: {REPORT}")
    connected.menu.wait_without(f"{REPORT} · Work · p1")
    desktop.notifications.wait_until_withdrawn(notice)


def test_titles_with_markup_and_mnemonics_are_shown_as_they_are(connected: RunningOo) -> None:
    title = connected.menu.wait_for("Review <b>oO</b> &").text

    assert "Review <b>oO</b> & rename snake_case_names" in title


def test_the_icon_and_its_tooltip_say_what_is_due(connected: RunningOo) -> None:
    item = connected.item

    assert item.identifier == "oo-desktop"
    assert re.match(r"oO\n\d overdue, \d today", item.tooltip)
    assert item.status == "Active"
    assert item.icon


def test_polls_that_bring_nothing_new_send_nothing_to_the_panel(
    desktop: DesktopSession, connected: RunningOo, sandbox: SandboxProcess
) -> None:
    before = polls(sandbox)
    mark = desktop.record.mark()

    wait_until(lambda: polls(sandbox) > before, "the next poll", within=20, every=0.1)
    time.sleep(0.3)  # what it would bring about

    sent = desktop.record.sent_by(connected.program.pid, mark)
    assert [m.member for m in sent if m.kind == "signal"] == []


def test_a_poll_that_brings_a_new_title_changes_the_lines_of_that_task_alone(
    desktop: DesktopSession, connected: RunningOo, sandbox: SandboxProcess
) -> None:
    mark = desktop.record.mark()
    sandbox.control("edit_task", id=task(sandbox, REPORT)["id"], content="Send the report")

    connected.say()  # wakes it, and so it looks for news
    connected.menu.wait_for("Send the report")

    sent = desktop.record.sent_by(connected.program.pid, mark)
    signals = [m for m in sent if m.kind == "signal" and m.interface in {MENU, ITEM}]
    assert {m.member for m in signals} == {"ItemsPropertiesUpdated"}
    changed = [number for m in signals for number, _properties in m.body[0]]
    assert len(set(changed)) == 2  # in the list, and where it can be moved
