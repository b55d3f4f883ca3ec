"""What the desktop says of itself, over a bus of the test's own."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusObjectPath,
    QDBusVariant,
    QDBusVirtualObject,
)
from pytestqt.qtbot import QtBot

from oo_desktop.linux.desktop_quiet import (
    DUNST,
    LOGIND,
    MAKO,
    MAKO_PATH,
    NOTIFICATIONS,
    NOTIFICATIONS_PATH,
    PROPERTIES,
    SCREEN_SAVERS,
    SESSION,
    SWAYNC,
    SWAYNC_PATH,
    XFCE_CHANNEL,
    XFCE_PROPERTY,
    XFCONF,
    XFCONF_PATH,
    DesktopQuiet,
)

SESSION_PATH = "/org/freedesktop/login1/session/_35"


class Service(QDBusVirtualObject):
    """Answers `Get` of properties, xfconf's and logind's questions, and emits signals."""

    def __init__(self, bus: QDBusConnection) -> None:
        super().__init__()
        self.bus = bus
        self.values: dict[tuple[str, str], object] = {}

    def introspect(self, path: str) -> str:  # Qt's signature
        return ""

    def handleMessage(self, message: QDBusMessage, connection: QDBusConnection) -> bool:  # noqa: N802  # Qt's
        said = message.arguments()
        if message.member() == "GetSession":
            connection.send(message.createReply(QDBusObjectPath(SESSION_PATH)))
            return True
        value = self.values.get(
            (said[0], said[1]) if said else (message.interface(), message.member())
        )
        if value is not None and not said:
            connection.send(message.createReply(value))
        elif value is None:
            connection.send(message.createErrorReply("org.example.No", "no"))
        else:
            connection.send(message.createReply(QDBusVariant(value)))
        return True

    def changed(self, path: str, interface: str, name: str, value: object) -> None:
        self.values[interface, name] = value
        signal = QDBusMessage.createSignal(path, PROPERTIES, "PropertiesChanged")
        signal.setArguments([interface, {name: value}, []])
        self.bus.send(signal)

    def tell(self, path: str, interface: str, member: str, *values: object) -> None:
        signal = QDBusMessage.createSignal(path, interface, member)
        signal.setArguments(list(values))
        self.bus.send(signal)


@pytest.fixture
def service(private_bus: str, qtbot: QtBot) -> Iterator[Service]:
    """All of a desktop's services in one."""
    bus = QDBusConnection.connectToBus(private_bus, "desktop")
    names = {NOTIFICATIONS, XFCONF, SWAYNC, LOGIND, *(name for name, _ in SCREEN_SAVERS)}
    assert all(bus.registerService(name) for name in names)
    service = Service(bus)
    for path in ("/org", "/fr"):
        assert bus.registerVirtualObject(
            path, service, QDBusConnection.VirtualObjectRegisterOption.SubPath
        )
    yield service
    QDBusConnection.disconnectFromBus("desktop")


@pytest.fixture
def heard() -> list[tuple[bool, bool]]:
    return []


@pytest.fixture
def watch(private_bus: str, heard: list[tuple[bool, bool]]) -> Iterator[Callable[[], DesktopQuiet]]:
    bus = QDBusConnection.connectToBus(private_bus, "ours")

    def make() -> DesktopQuiet:
        return DesktopQuiet(
            lambda quiet, locked: heard.append((quiet, locked)),
            session_bus=bus,
            system_bus=bus,
            environment={"XDG_SESSION_ID": "5"},
        )

    yield make
    QDBusConnection.disconnectFromBus("ours")


Watch = Callable[[], DesktopQuiet]
Heard = list[tuple[bool, bool]]


@pytest.mark.parametrize(
    ("interface", "name"),
    [(NOTIFICATIONS, "Inhibited"), (DUNST, "paused")],
    ids=["plasma", "dunst"],
)
def test_a_daemon_that_keeps_notifications_back_is_heard(
    service: Service, watch: Watch, heard: Heard, qtbot: QtBot, interface: str, name: str
) -> None:
    service.values[interface, name] = True
    kept = watch()
    qtbot.waitUntil(lambda: heard == [(True, False)])
    service.changed(NOTIFICATIONS_PATH, interface, name, value=False)
    qtbot.waitUntil(lambda: heard == [(True, False), (False, False)])
    assert not kept.do_not_disturb


def test_xfce_s_daemon_is_heard(service: Service, watch: Watch, heard: Heard, qtbot: QtBot) -> None:
    service.values[XFCE_CHANNEL, XFCE_PROPERTY] = True
    kept = watch()
    qtbot.waitUntil(lambda: heard == [(True, False)])
    for channel, value in (("xfwm4", True), (XFCE_CHANNEL, False)):
        service.tell(
            XFCONF_PATH, XFCONF, "PropertyChanged", channel, XFCE_PROPERTY, QDBusVariant(value)
        )
    qtbot.waitUntil(lambda: heard == [(True, False), (False, False)])
    assert not kept.do_not_disturb


def test_a_setting_is_asked_for_anew_when_xfconf_comes_back(
    service: Service, watch: Watch, heard: Heard, qtbot: QtBot
) -> None:
    service.values[XFCE_CHANNEL, XFCE_PROPERTY] = True
    kept = watch()
    qtbot.waitUntil(lambda: heard == [(True, False)])
    service.bus.unregisterService(XFCONF)
    qtbot.waitUntil(lambda: heard == [(True, False), (False, False)])
    service.bus.registerService(XFCONF)
    qtbot.waitUntil(lambda: len(heard) == 3)
    assert kept.do_not_disturb


def test_mako_s_mode_is_heard(service: Service, watch: Watch, heard: Heard, qtbot: QtBot) -> None:
    service.values[MAKO, "ListModes"] = ["default", "do-not-disturb"]
    kept = watch()
    qtbot.waitUntil(lambda: heard == [(True, False)])
    service.values[MAKO, "ListModes"] = ["default", "away"]
    service.tell(MAKO_PATH, PROPERTIES, "PropertiesChanged", MAKO, {}, ["Modes"])
    qtbot.waitUntil(lambda: heard == [(True, False), (False, False)])
    assert not kept.do_not_disturb


@pytest.mark.parametrize("question", ["GetDnd", "IsInhibited"])
def test_swaync_is_heard(
    service: Service, watch: Watch, heard: Heard, qtbot: QtBot, question: str
) -> None:
    service.values[SWAYNC, question] = True
    kept = watch()
    qtbot.waitUntil(lambda: heard == [(True, False)])
    service.tell(SWAYNC_PATH, SWAYNC, "SubscribeV2", 3, False, False, False)
    qtbot.waitUntil(lambda: heard == [(True, False), (False, False)])
    service.tell(
        SWAYNC_PATH, SWAYNC, "SubscribeV2", 3, question == "GetDnd", False, question != "GetDnd"
    )
    qtbot.waitUntil(lambda: len(heard) == 3)
    assert kept.do_not_disturb


@pytest.mark.parametrize(
    ("name", "path"), [each for each in SCREEN_SAVERS if each[1][:4] == "/org"]
)
def test_a_locked_screen_is_heard(
    service: Service, watch: Watch, heard: Heard, qtbot: QtBot, name: str, path: str
) -> None:
    kept = watch()
    for value in (True, True, False):
        service.tell(path, name, "ActiveChanged", value)
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert heard == [(False, True), (False, False)]
    assert not kept.locked


def test_logind_s_word_for_a_locked_session_counts(
    service: Service, watch: Watch, heard: Heard, qtbot: QtBot
) -> None:
    service.values[SESSION, "LockedHint"] = True
    kept = watch()
    qtbot.waitUntil(lambda: heard == [(False, True)])
    service.changed(SESSION_PATH, SESSION, "LockedHint", value=False)
    qtbot.waitUntil(lambda: heard == [(False, True), (False, False)])
    assert not kept.locked


def test_a_daemon_that_is_gone_keeps_nothing_back(
    service: Service, watch: Watch, heard: Heard, qtbot: QtBot
) -> None:
    service.values[DUNST, "paused"] = True
    kept = watch()
    qtbot.waitUntil(lambda: heard == [(True, False)])
    service.bus.unregisterService(NOTIFICATIONS)
    qtbot.waitUntil(lambda: heard == [(True, False), (False, False)])
    service.bus.registerService(NOTIFICATIONS)
    qtbot.waitUntil(lambda: len(heard) == 3)
    assert kept.do_not_disturb


def test_where_nobody_says_anything_nothing_is_assumed(
    private_bus: str, watch: Watch, heard: Heard, qtbot: QtBot
) -> None:
    kept = watch()
    qtbot.wait(50)
    assert (heard, kept.do_not_disturb, kept.locked) == ([], False, False)


def test_what_is_no_truth_value_says_nothing(
    service: Service, watch: Watch, heard: Heard, qtbot: QtBot
) -> None:
    service.values[DUNST, "paused"] = "yes"
    kept = watch()
    service.tell(SCREEN_SAVERS[0][1], SCREEN_SAVERS[0][0], "ActiveChanged", "yes")
    service.tell(SCREEN_SAVERS[0][1], SCREEN_SAVERS[0][0], "ActiveChanged")
    qtbot.wait(50)
    assert (heard, kept.do_not_disturb, kept.locked) == ([], False, False)
