"""Take pictures of oO as it is used: `python -m tests.desktop.pictures FOLDER`.

They show the sandbox's Ada, never anybody's own tasks, and come out the same on every machine.
`screenshot.png` among them is the README's.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.data_server import CALENDAR_LIST, TASK_LIST, event, local_source
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession
from tests.desktop.test_calendars_here import CONNECT, TASKS, due_today, lists_here
from tests.desktop.test_events import MEET
from tests.desktop.test_tasks import BOOKS, PLANTS, REPORT, task

DRAWN = 0.7
"""Seconds in which a menu, a page or a notification is certainly drawn."""

UNCONFIRMED_WITHIN = 150
"""Seconds until a click that the service has but does not show is shown again."""

PAST_COMMANDS = ("Up",) * 6
"""Keys from the closed end of the menu up past all that is no list: Quit, More, Accounts, Refresh,
Open oO and Add a task."""

TO_ACCOUNTS = ("Up",) * 3

MENU = "640x560+640+0"
NOTIFICATION = "640x400+640+0"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with DesktopSession() as desktop, SandboxProcess() as sandbox:
        _picture_sign_in(desktop, sandbox, folder)
    for theme, suffix in ((None, ""), ("Adwaita:dark", "-dark")):
        with DesktopSession(theme=theme) as desktop, SandboxProcess(zone=_morning()) as sandbox:
            _picture_clicks(desktop, sandbox, folder, suffix)
            _picture_events(desktop, sandbox, folder, suffix)
    with DesktopSession() as desktop, SandboxProcess(zone=_morning()) as sandbox:
        _picture_calendars_here(desktop, sandbox, folder)
    fine = DesktopSession(scale=2)
    fine.env["TZ"] = _morning()  # the panel's clock is in the picture
    with fine as desktop, SandboxProcess(zone=_morning()) as sandbox:
        _picture_a_morning(desktop, sandbox, folder / "screenshot.png")


def _morning() -> str:
    """A zone in which it is morning now, so that everything is still possible today."""
    ahead = (9 - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/UTC"


def _picture_sign_in(desktop: DesktopSession, sandbox: SandboxProcess, folder: Path) -> None:
    """From the consent page to a token that was revoked."""
    desktop.reset()
    desktop.browser.start()
    oo = RunningOo(desktop, sandbox)
    oo.start()
    oo.menu.wait_for("Connect Todoist…")
    oo.menu.click("Connect Todoist…")
    consent = desktop.browser.page("/oauth/authorize")
    consent.wait_for_text("Allow")
    time.sleep(DRAWN)
    desktop.screenshot(folder / "consent.png")
    consent.click("Allow")
    desktop.browser.page("/callback").wait_for_text("Return to oO")
    oo.menu.wait_for(REPORT)
    time.sleep(DRAWN)
    desktop.screenshot(folder / "return.png")
    desktop.browser.stop()
    _picture_menu(desktop, folder / "tray.png")
    oo.menu.click(REPORT)
    desktop.notifications.wait_for(REPORT)
    _picture_menu(desktop, folder / "undo.png")
    sandbox.control("revoke")
    oo.say("refresh")
    desktop.notifications.wait_for("sign in again")
    time.sleep(DRAWN)
    desktop.screenshot(folder / "reconnect.png", area=NOTIFICATION)
    desktop.notifications.clear()
    _picture_menu(desktop, folder / "reconnect-menu.png")


def _picture_clicks(
    desktop: DesktopSession, sandbox: SandboxProcess, folder: Path, suffix: str
) -> None:
    """Tasks that are moved, and clicks that do not end well."""
    desktop.reset()
    oo = RunningOo(desktop, sandbox)
    oo.start_connected()
    oo.menu.wait_for(REPORT)
    keys = (*PAST_COMMANDS, "Up", "Right", "Right")
    _picture_menu(desktop, folder / f"reschedule{suffix}.png", keys, area="1280x560+0+0")
    oo.menu.click("Reschedule", PLANTS, "Tomorrow, ")
    oo.menu.click(BOOKS)
    desktop.notifications.wait_for("2 changes")
    time.sleep(DRAWN)
    desktop.screenshot(folder / f"moved{suffix}.png", area=NOTIFICATION)
    desktop.notifications.clear()
    _make_unconfirmed(oo, sandbox)
    sandbox.control("fail", path="/api/v1/sync", status=403, count=50)
    oo.menu.click("Reschedule", "Call Ana", "Tomorrow, ")
    oo.menu.wait_for("Not moved: Call Ana")
    time.sleep(DRAWN)
    desktop.screenshot(folder / f"refused{suffix}.png", area=NOTIFICATION)
    desktop.notifications.clear()
    _picture_menu(desktop, folder / f"trouble{suffix}.png", ("Down", "Right"), area="1280x560+0+0")


def _picture_events(
    desktop: DesktopSession, sandbox: SandboxProcess, folder: Path, suffix: str
) -> None:
    """A morning with meetings: one that runs, one to join, invitations, and the calendars."""
    desktop.reset()
    sandbox.control("add_event", summary="Breakfast with Ben", in_minutes=-20, minutes=60)
    sandbox.control(
        "add_event", summary="Demo", in_minutes=8, minutes=45, location="Room 5", fields=MEET
    )
    oo = RunningOo(desktop, sandbox, name=f"planned{suffix}", google=True)
    oo.env["TZ"] = _morning()
    oo.start_connected()
    oo.connect_google("ada@example.com", write=True)
    oo.menu.wait_for("Join “Demo”")
    wide = "1280x800+0+0"
    _picture_menu(desktop, folder / f"events{suffix}.png", area=wide)
    replying = (*PAST_COMMANDS, "Up", "Right")
    _picture_menu(desktop, folder / f"reply{suffix}.png", replying, area=wide)
    accounts = (*TO_ACCOUNTS, "Right", "Down", "Right", "Down", "Right")  # past Reconnect
    _picture_menu(desktop, folder / f"calendars{suffix}.png", accounts, area=wide)


def _picture_calendars_here(desktop: DesktopSession, sandbox: SandboxProcess, folder: Path) -> None:
    """A first start on a desktop that has lists: offered, connected with one click, chosen from."""
    desktop.reset()
    with lists_here(desktop) as eds:
        for number, (title, more) in enumerate(CHORES.items()):
            eds.create(TASKS, due_today(f"{number}", title, *more))
        eds.add_source("cloud", "[Data Source]\nDisplayName=ada@cloud.example\nEnabled=true\n")
        for uid, kind in (("garden", TASK_LIST), ("team", CALENDAR_LIST)):
            source = local_source(uid.title(), kind)
            eds.add_source(uid, source.replace("Parent=local-stub", "Parent=cloud"))
        eds.create("garden", due_today("hedge", "Cut the hedge"))
        eds.create("team", meeting("review", "Design review"), kind=CALENDAR_LIST)
        oo = RunningOo(desktop, sandbox, name="calendars-here")
        oo.start()
        oo.menu.wait_for(CONNECT)
        _picture_menu(desktop, folder / "here-offered.png")
        oo.menu.click(CONNECT)
        oo.menu.wait_for("Cut the hedge")
        oo.menu.wait_for("Design review")
        _picture_menu(desktop, folder / "here-connected.png")
        accounts = (*TO_ACCOUNTS, "Right", "Right", "Right")
        _picture_menu(desktop, folder / "here-chosen.png", accounts, area="1280x560+0+0")
        oo.stop()


CHORES = {"Water the plants": (), "Pay the rent": ("PRIORITY:1",)}


def meeting(uid: str, title: str) -> str:
    """Return an event that begins soon."""
    start = (datetime.now(UTC) + timedelta(minutes=30)).replace(second=0)
    times = (
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
    )
    return event(uid, f"SUMMARY:{title}", *times)


def _picture_a_morning(desktop: DesktopSession, sandbox: SandboxProcess, file: Path) -> None:
    """The menu with a bit of everything, and nothing that needs an explanation."""
    desktop.reset()
    now = datetime.now(ZoneInfo(_morning())).replace(second=0, microsecond=0)
    soon = now + timedelta(minutes=10 - now.minute % 5)
    sandbox.control("clear_events")
    for title, start, minutes, more in (
        ("Breakfast with Ben", soon - timedelta(minutes=45), 45, {}),
        ("Stand-up", soon, 15, {"fields": MEET}),
        ("Design review", soon.replace(hour=14, minute=0), 60, {"calendar": ENGINE}),
        ("Parents’ evening", soon.replace(hour=19, minute=0), 90, {"calendar": FAMILY}),
        ("Flight to London", soon.replace(hour=8, minute=40) + timedelta(days=1), 95, {}),
    ):
        end = start + timedelta(minutes=minutes)
        times = {"start": start.isoformat(), "end": end.isoformat()}
        sandbox.control("add_event", summary=title, **times, **more)
    for each in sandbox.state()["tasks"]:
        if each["content"].startswith(("Review", "* Errands", "Water")):
            sandbox.control("delete_task", id=each["id"])
    oo = RunningOo(desktop, sandbox, name="morning", google=True)
    oo.start_connected()
    oo.connect_google("ada@example.com")
    oo.menu.wait_for("Join “Stand-up”")
    desktop.notifications.clear()
    _picture_menu(desktop, file, area=MORNING)
    wall = ("-fill", WALL, "-opaque", "black")
    small = ("-strip", "+dither", "-colors", "128", "-define", "png:format=png8")
    desktop.run("mogrify", *wall, *small, str(file))


MORNING = "1000x1426+1560+0"
WALL = "#8fb0ad"
ENGINE = "c_188a7d0engine@group.calendar.google.com"
FAMILY = "family04871@group.calendar.google.com"


def _make_unconfirmed(oo: RunningOo, sandbox: SandboxProcess) -> None:
    """Somebody opens a task again before oO has seen that it was done."""
    sandbox.control("fail", path="/api/v1/tasks", status=503, count=1000)
    oo.menu.click(REPORT)
    wait_until(lambda: task(sandbox, REPORT)["checked"], "the task to be done")
    sandbox.control("reopen_task", id=task(sandbox, REPORT)["id"])
    sandbox.control("clear_faults")
    oo.menu.wait_for("not confirmed yet", within=UNCONFIRMED_WITHIN)


def _picture_menu(
    desktop: DesktopSession, file: Path, keys: tuple[str, ...] = (), *, area: str = MENU
) -> None:
    desktop.open_tray_menu()
    time.sleep(DRAWN)
    for key in keys:
        desktop.press_key(key)
    time.sleep(DRAWN if keys else 0)
    desktop.screenshot(file, area=area)
    for _submenu in range(1 + keys.count("Right")):
        desktop.press_key("Escape")
    desktop.rest_pointer()
    time.sleep(DRAWN / 2)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
