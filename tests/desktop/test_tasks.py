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


def task(sandbox: SandboxProcess, content: str) -> dict[str, Any]:
    """The sandbox's own view of a task."""
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


def test_a_click_is_confirmed_in_a_notification_with_undo(
    desktop: DesktopSession, connected: RunningOo, sandbox: SandboxProcess
) -> None:
    connected.menu.click(REPORT)
    wait_until(lambda: task(sandbox, REPORT)["checked"], "the task to be done in Todoist")

    done = desktop.notifications.wait_for(REPORT)
    desktop.notifications.press(done, "Undo")

    wait_until(lambda: not task(sandbox, REPORT)["checked"], "the task to be open in Todoist")


def test_titles_with_markup_and_mnemonics_are_shown_as_they_are(connected: RunningOo) -> None:
    title = connected.menu.wait_for("Review <b>oO</b> &").text

    # Some panels eat underscores, so one that only looks like it is as good.
    assert "Review <b>oO</b> & rename snake_case_names" in title.replace("\u02cd", "_")


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


def test_a_poll_that_brings_a_new_title_changes_that_line_alone(
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
    assert len(set(changed)) == 1
