"""The desktop session itself works: each part with the smallest program that needs it."""

import signal
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.desktop import bare_tray, programs
from tests.desktop.programs import MissingProgram, Program, wait_until
from tests.desktop.session import DesktopSession

ASK = """
import asyncio
from oo_desktop.linux.notifier import SystemNotifier

async def ask():
    notifier, pressed = SystemNotifier(), asyncio.Event()
    buttons = {"Later": lambda: print("later"), "Try again": pressed.set}
    await notifier.show("question", title="A question", body="Well?", buttons=buttons)
    await pressed.wait()
    print("pressed", flush=True)
    await notifier.aclose()

asyncio.run(ask())
"""

TELL_AND_WITHDRAW = """
import asyncio, signal
from oo_desktop.linux.notifier import SystemNotifier

async def tell():
    notifier, enough = SystemNotifier(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, enough.set)
    await notifier.show("news", title="Some news", body="Gone soon")
    await enough.wait()
    await notifier.withdraw("news")
    await notifier.aclose()

asyncio.run(tell())
"""

STORE = "import keyring; keyring.set_password('a test', 'somebody', 'a planted secret')"
READ = "import keyring; print(keyring.get_password('a test', 'somebody'))"

PAGE = """<!doctype html><title>A page</title>
<button onclick="document.getElementById('said').textContent='yes, clicked'">Allow</button>
<p id="said">not yet</p>
"""


@pytest.fixture
def tray(desktop: DesktopSession) -> Program:
    assert bare_tray.__file__
    return desktop.spawn(sys.executable, bare_tray.__file__)


@pytest.fixture
def page_url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "page.html").write_text(PAGE)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/page.html"
        server.shutdown()
        thread.join()


def test_an_icon_registers_at_the_panel(desktop: DesktopSession, tray: Program) -> None:
    item = desktop.tray_item(tray)

    assert item.tooltip == "A bare tray"
    assert item.status == "Active"
    assert item.icon


def test_a_menu_entry_clicked_over_the_bus_runs_its_action(
    desktop: DesktopSession, tray: Program
) -> None:
    menu = desktop.tray_item(tray).menu

    assert len(menu.read().entries) == 20
    menu.click("Action 7")

    wait_until(lambda: "clicked 7" in tray.printed, "the action to run")


def test_a_resting_tray_sends_nothing(desktop: DesktopSession, tray: Program) -> None:
    desktop.tray_item(tray).menu.read()
    mark = desktop.record.mark()
    desktop.tray_item(tray).menu.click("Action 3")
    wait_until(lambda: "clicked 3" in tray.printed, "the action to run")

    sent = desktop.record.sent_by(tray.pid, mark)

    assert {message.kind for message in sent} == {"method_return"}


def test_an_icon_without_a_panel_registers_when_the_panel_is_back(
    desktop: DesktopSession, tray: Program
) -> None:
    desktop.tray_item(tray)

    desktop.tray_host.stop()
    assert not desktop.has_tray_item(tray)
    desktop.tray_host.start()

    assert desktop.tray_item(tray).status == "Active"


def test_a_notification_is_received_and_its_button_answers_the_sender(
    desktop: DesktopSession,
) -> None:
    asker = desktop.spawn(sys.executable, "-c", ASK)

    question = desktop.notifications.wait_for("A question")
    assert question.buttons == ("Later", "Try again")
    assert desktop.notifications.displayed() == 1
    desktop.notifications.press(question, "Try again")

    assert asker.ended() == 0
    assert asker.printed == "pressed\n"


def test_a_withdrawn_notification_leaves_the_screen(desktop: DesktopSession) -> None:
    teller = desktop.spawn(sys.executable, "-c", TELL_AND_WITHDRAW)
    news = desktop.notifications.wait_for("Some news")

    teller.send(signal.SIGUSR1)

    desktop.notifications.wait_until_withdrawn(news)
    assert desktop.notifications.displayed() == 0


def test_a_stopped_notification_daemon_is_not_started_by_the_bus(desktop: DesktopSession) -> None:
    desktop.notifier.stop()

    answer = desktop.run(sys.executable, "-c", STORE)  # anything that uses the bus

    assert answer == ""
    assert desktop.bus.owner("org.freedesktop.Notifications") is None


def test_the_keyring_keeps_what_keyring_stores(desktop: DesktopSession) -> None:
    desktop.run(sys.executable, "-c", STORE)

    assert desktop.run(sys.executable, "-c", READ) == "a planted secret\n"
    (entry,) = desktop.keyring.entries()
    assert entry.secret == "a planted secret"
    assert entry.attributes["username"] == "somebody"


def test_a_locked_keyring_is_unlocked_again(desktop: DesktopSession) -> None:
    desktop.keyring.lock()
    assert desktop.keyring.locked

    desktop.keyring.unlock()

    assert not desktop.keyring.locked


def test_what_the_keyring_keeps_outlives_its_daemon(desktop: DesktopSession) -> None:
    desktop.run(sys.executable, "-c", STORE)

    desktop.keyring_daemon.restart()

    assert desktop.run(sys.executable, "-c", READ) == "a planted secret\n"


def test_the_browser_shows_a_page_and_clicks_its_button(
    desktop: DesktopSession, page_url: str
) -> None:
    desktop.browser.start()
    desktop.run(desktop.env["BROWSER"], page_url)

    page = desktop.browser.page("page.html")
    page.wait_for_text("not yet")
    page.click("Allow")

    page.wait_for_text("yes, clicked")
    assert desktop.browser.urls() == [page_url]


def test_the_screen_can_be_pictured(desktop: DesktopSession, tmp_path: Path) -> None:
    picture = desktop.screenshot(tmp_path / "screen.png")

    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_missing_program_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(MissingProgram, match="sudo apt-get install gnome-keyring"):
        programs.require("gnome-keyring-daemon")


def test_a_session_leaves_nothing_behind() -> None:
    with DesktopSession() as session:
        folder = session.folder
        mark = session.env[programs.MARK]
        session.browser.start()
        assert len(programs.marked_pids(mark)) > 5

    assert not folder.exists()
    assert programs.marked_pids(mark) == []
