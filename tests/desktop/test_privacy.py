"""oO in a real session, watched: the hosts, files and names that the README lists, and no more."""

import json
import sys
from pathlib import Path

from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.desktop.bus import BusRecord
from tests.desktop.programs import Program, wait_until
from tests.desktop.running_oo import COMMAND
from tests.desktop.session import DesktopSession
from tests.readme import named
from tests.watching import Watch

REPORT = "Send the grant report"


class WatchedOo:
    """Is oO in the session, started as its user does, with folders where they are by default."""

    def __init__(self, desktop: DesktopSession, watch: Watch) -> None:
        self._desktop = desktop
        visitor = f"{sys.executable} -m oo_desktop.sandbox.visitor"
        # The browser is not oO, and not watched.
        self._environment = {**watch.environment, "BROWSER": f"env -u WATCHED {visitor}"}
        self._record = BusRecord(desktop.env["DBUS_SESSION_BUS_ADDRESS"])
        self._names: set[str] = set()
        self._programs: list[Program] = []

    def start(self) -> None:
        self._programs.append(self._desktop.spawn(*COMMAND, env=self._environment))
        wait_until(lambda: "is running" in self.say("status", code=None), "oO", within=20)

    def say(self, *words: str, stdin: str = "", code: int | None = 0) -> str:
        command = self._desktop.spawn(
            *COMMAND, *words, env=self._environment, stdin=f"{stdin}\n".encode()
        )
        ended = command.ended(within=60)
        assert code in (None, ended), command.printed
        self.look()
        return command.printed

    def look(self) -> None:
        """Learn under which names oO is on the bus; a connection may be short."""
        for program in self._programs:
            for pid in (program.pid, *_children_of(program.pid)):
                self._names |= self._desktop.bus.names_of(pid)

    def spoken_to(self) -> set[str]:
        """Return the names that it called on the session's bus."""
        passed = self._record.since()
        calls = (each for each in passed if each.kind == "method_call")
        called = {each.destination for each in calls if each.sender in self._names}
        return {name for name in called if not name.startswith(":")}

    def close(self) -> None:
        self._record.close()


def _children_of(pid: int) -> list[int]:
    """The process that asks the keyring has no `site`, and so no watch but this."""
    try:
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:  # it has ended
        return []


def test_it_speaks_to_nobody_and_writes_nothing_that_is_not_listed(
    desktop: DesktopSession, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    watch = Watch(tmp_path)
    settings = "poll_interval = 5\nundo_seconds = 0\n"
    watch.config.write_text(settings + config_toml(sandbox.url, google_client=True))
    oo = WatchedOo(desktop, watch)
    oo.start()
    oo.say("connect", "todoist", "--token", stdin=sandbox.control("personal_token")["token"])
    oo.say("connect", "google_calendar")
    oo.say("connect", "ics", stdin=sandbox.url + sandbox.control("ics_path")["path"])
    ada = sandbox.control("caldav_account")
    words = ("connect", "caldav", "--server", sandbox.url, "--username", ada["user_name"])
    oo.say(*words, stdin=ada["password"])
    oo.say("refresh")
    signals = json.loads(oo.say("signals", "--json"))
    report = next(each["id"] for each in signals if each["title"] == REPORT)
    oo.say("done", report)
    oo.say("add", "Buy milk tomorrow")
    oo.say("show")
    oo.say("set", "show.all_day", "off")
    oo.say("autostart", "on")
    sandbox.control("expire")
    oo.say("refresh")
    while_it_runs = watch.files()
    oo.say("disconnect", "google_calendar")
    oo.say("quit")

    host = sandbox.url.removeprefix("http://")
    assert watch.hosts() == {host}
    assert watch.listened_at() == {"127.0.0.1"}
    assert watch.programs() <= {"env", sys.executable}, "the browser, and what asks the keyring"
    bus = Path(desktop.env["DBUS_SESSION_BUS_ADDRESS"].removeprefix("unix:path="))
    assert {each for each in watch.sockets() if each.name != "oo-desktop.sock"} <= {bus}

    assert watch.unnamed_files() == set()
    assert "$XDG_RUNTIME_DIR/oo-desktop/oo-desktop.sock" in while_it_runs
    assert {watch.config, watch.autostart, watch.data / "oo.db", watch.data / "oo.log"} <= {
        Path(file.replace("~", str(watch.home), 1)) for file in watch.files()
    }
    log = (watch.data / "oo.log").read_text()
    assert [each["title"] for each in signals if each["title"] in log] == []

    spoken = oo.spoken_to()
    assert {"org.freedesktop.Notifications", "org.kde.StatusNotifierWatcher"} <= spoken
    assert spoken - named("Names on the bus") == set()
    oo.close()
