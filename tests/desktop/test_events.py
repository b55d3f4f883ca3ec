"""Meetings in a real panel: joined from the first row, and gone when they are over."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession

_numbers = count()

MEETING = "https://meet.google.com/abc-defg-hij"
MEET = {"conferenceData": {"entryPoints": [{"entryPointType": "video", "uri": MEETING}]}}


@pytest.fixture
def looked_at(tmp_path: Path) -> Path:
    """Return the file of what the browser was asked to show, a line each."""
    return tmp_path / "looked_at"


@pytest.fixture
def planned(
    desktop: DesktopSession, sandbox: SandboxProcess, looked_at: Path
) -> Iterator[RunningOo]:
    """Yield oO with the stand-in Google, on a day with one meeting, which runs."""
    browser = looked_at.with_name("browser")
    browser.write_text(f'#!/bin/sh\necho "$1" >> {looked_at}\n')
    browser.chmod(0o700)
    sandbox.control("clear_events")
    sandbox.control("add_event", summary="Demo", in_minutes=-5, minutes=60, fields=MEET)
    oo = RunningOo(desktop, sandbox, name=f"planned-{next(_numbers)}", google=True)
    oo.env["BROWSER"] = str(browser)
    oo.start()
    oo.await_ready()
    oo.connect_google("ada@example.com")
    oo.menu.wait_for("Join “Demo”")
    yield oo
    oo.end_well()


def test_a_meeting_is_joined_from_the_first_row_and_from_a_shell(
    planned: RunningOo, looked_at: Path
) -> None:
    planned.menu.click("Join “Demo”")
    wait_until(looked_at.exists, "the browser to be asked")
    assert looked_at.read_text().startswith(MEETING)
    assert planned.say("join").ended() == 0
    wait_until(lambda: looked_at.read_text().count(MEETING) == 2, "the browser to be asked again")


def test_a_meeting_that_is_cancelled_leaves_the_menu(
    planned: RunningOo, sandbox: SandboxProcess
) -> None:
    (event,) = planned.ask("signals")
    sandbox.control("clear_events")
    planned.ask("refresh")
    planned.menu.wait_for("Nothing due. Enjoy.")
    assert planned.say("join").ended() == 1
    assert event["title"] == "Demo"
