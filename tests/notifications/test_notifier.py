"""The port to the desktop's notifications, over a real bus, with daemons good, mute and absent."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Message, MessageType, NameFlag
from dbus_fast.aio import MessageBus
from PySide6.QtWidgets import QApplication

from oo_desktop.notifications.notifier import SystemNotifier, Urgency, body_text
from tests.qt_loop import qt_runner

NAME = "org.freedesktop.Notifications"


class Daemon:
    """A notification daemon that notes what it is asked. `mute`: it never answers."""

    def __init__(self, *abilities: str, mute: bool = False) -> None:
        self.abilities = list(abilities)
        self.mute = mute
        self.shown: dict[int, list[Any]] = {}
        self.closed: list[int] = []
        self.asked_to_close = 0

    async def start(self, address: str) -> None:
        self.bus = await MessageBus(bus_address=address).connect()
        self.bus.add_message_handler(self._answer)
        await self.bus.request_name(NAME, NameFlag.REPLACE_EXISTING)

    def _answer(self, message: Message) -> Message | bool | None:
        if message.message_type is not MessageType.METHOD_CALL or message.destination != NAME:
            return None
        self.asked_to_close += message.member == "CloseNotification"
        if self.mute:
            return True
        match message.member:
            case "GetCapabilities":
                return Message.new_method_return(message, "as", [self.abilities])
            case "Notify":
                number = message.body[1] or len(self.shown) + len(self.closed) + 1
                self.shown[number] = message.body
                return Message.new_method_return(message, "u", [number])
            case "CloseNotification":
                self.shown.pop(message.body[0], None)
                self.closed.append(message.body[0])
                return Message.new_method_return(message)
        return None

    async def press(self, number: int, label: str) -> None:
        """What the daemon says when the user presses a button."""
        actions = self.shown[number][5]
        key = actions[actions.index(label) - 1]
        path = "/org/freedesktop/Notifications"
        await self.bus.send(Message.new_signal(path, NAME, "ActionInvoked", "us", [number, key]))
        await asyncio.sleep(0.05)

    async def close(self, number: int) -> None:
        """What the daemon says when a notification is over."""
        path = "/org/freedesktop/Notifications"
        await self.bus.send(Message.new_signal(path, NAME, "NotificationClosed", "uu", [number, 1]))
        await asyncio.sleep(0.05)


Story = Callable[[], Awaitable[None]]


@pytest.fixture
def run(qapp: QApplication) -> Callable[[Story], None]:
    """Runs a story on Qt's loop, as the app does."""

    def run(story: Story) -> None:
        with qt_runner(qapp) as runner:
            runner.run(story())  # type: ignore[arg-type]  # stories are coroutine functions

    return run


async def ended(notifier: SystemNotifier, *daemons: Daemon) -> None:
    """Close what would otherwise stay open until the process ends."""
    await notifier.aclose()
    for daemon in daemons:
        daemon.bus.disconnect()
    await asyncio.sleep(0.01)


def notifier_on(address: str) -> SystemNotifier:
    return SystemNotifier(address=address)


def test_a_notification_is_shown_replaced_and_withdrawn(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions", "body"), notifier_on(private_bus)
        await daemon.start(private_bus)
        await notifier.show("one", title="First", urgency=Urgency.LOW, seconds=8)
        await notifier.show("one", title="Second")
        await notifier.show("two", title="Other")
        assert [body[3] for body in daemon.shown.values()] == ["Second", "Other"]
        assert daemon.closed == []
        await notifier.withdraw("one")
        await notifier.withdraw("one")
        await notifier.withdraw("never shown")
        assert [body[3] for body in daemon.shown.values()] == ["Other"]
        await ended(notifier, daemon)

    run(story)


def test_a_button_calls_back_on_the_loop(run: Callable[[Story], None], private_bus: str) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions", "body"), notifier_on(private_bus)
        await daemon.start(private_bus)
        pressed: list[asyncio.AbstractEventLoop] = []
        buttons = {"Reconnect": lambda: pressed.append(asyncio.get_running_loop())}
        await notifier.show("one", title="First", buttons=buttons, without_buttons="Use the menu.")
        assert daemon.shown[1][4] == ""
        await daemon.press(1, "Reconnect")
        assert pressed == [asyncio.get_running_loop()]
        await notifier.withdraw("one")  # some daemons leave it there, and so must be told
        assert daemon.closed == [1]
        await ended(notifier, daemon)

    run(story)


def test_a_click_on_the_notification_itself_is_its_first_action(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions", "body"), notifier_on(private_bus)
        await daemon.start(private_bus)
        heard: list[str] = []
        await notifier.show(
            "one",
            title="First",
            buttons={"Join": lambda: heard.append("join")},
            click=lambda: heard.append("click"),
        )
        assert daemon.shown[1][5] == ["default", "Open", "0", "Join"]
        await daemon.press(1, "Open")
        await daemon.press(1, "Join")
        assert heard == ["click", "join"]
        await ended(notifier, daemon)

    run(story)


def test_markup_is_shown_as_it_was_written(run: Callable[[Story], None], private_bus: str) -> None:
    async def story() -> None:
        for abilities, body in (
            (("body", "body-markup"), "&lt;b&gt;R&amp;D&lt;/b&gt;\nsecond"),
            (("body",), "<b>R&D</b>\nsecond"),
        ):
            daemon, notifier = Daemon(*abilities), notifier_on(private_bus)
            await daemon.start(private_bus)
            await notifier.show("one", title="<i>T</i>", body="<b>R&D</b>\nsecond")
            assert daemon.shown[1][3:5] == ["<i>T</i>", body]
            await ended(notifier, daemon)

    run(story)


def test_where_there_are_no_buttons_the_text_says_what_to_do(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("body"), notifier_on(private_bus)
        await daemon.start(private_bus)
        await notifier.show(
            "one",
            title="T",
            body="B.",
            buttons={"Go": lambda: None},
            without_buttons="Use the menu.",
        )
        assert daemon.shown[1][4] == "B. Use the menu."
        assert "Go" not in daemon.shown[1][5]
        await ended(notifier, daemon)

    run(story)


def test_without_a_daemon_nothing_happens_and_nothing_is_logged(
    run: Callable[[Story], None], private_bus: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        notifier = notifier_on(private_bus)
        await notifier.show("one", title="T")
        await notifier.withdraw("one")
        await ended(notifier)

    run(story)
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]


def test_a_mute_daemon_costs_a_short_wait_and_a_late_one_is_used(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        mute, notifier = (
            Daemon(mute=True),
            SystemNotifier(address=private_bus, answer_within=0.05),
        )
        await mute.start(private_bus)
        await notifier.show("one", title="T")
        mute.bus.disconnect()
        await asyncio.sleep(0.01)
        daemon = Daemon("body")
        await daemon.start(private_bus)
        await notifier.show("one", title="T")
        assert list(daemon.shown) == [1]
        await ended(notifier, daemon)

    run(story)


async def test_without_a_bus_nothing_is_shown_and_nothing_raised(tmp_path: Path) -> None:
    notifier = SystemNotifier(address=f"unix:path={tmp_path}/none")
    await notifier.show("one", title="T")
    await notifier.withdraw("one")
    await notifier.aclose()


def test_what_the_daemon_has_closed_is_not_closed_again(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions", "body"), notifier_on(private_bus)
        await daemon.start(private_bus)
        await notifier.show("one", title="First")
        await daemon.close(1)
        await notifier.withdraw("one")
        assert daemon.closed == []
        await ended(notifier, daemon)

    run(story)


def test_when_oo_ends_it_takes_away_the_buttons_that_nobody_would_hear(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions", "body"), notifier_on(private_bus)
        await daemon.start(private_bus)
        await notifier.show("reminder", title="Lunch", buttons={"Join": lambda: None})
        await notifier.show("place", title="Holiday", click=lambda: None)
        await notifier.show("gone", title="Ada is disconnected")
        await ended(notifier, daemon)
        assert [body[3] for body in daemon.shown.values()] == ["Ada is disconnected"]

    run(story)


def test_a_daemon_that_has_fallen_silent_does_not_hold_the_end(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon = Daemon("actions", "body")
        notifier = SystemNotifier(address=private_bus, answer_within=0.05)
        await daemon.start(private_bus)
        for name in ("one", "two", "three"):
            await notifier.show(name, title="Lunch", buttons={"Join": lambda: None})
        daemon.mute = True
        await ended(notifier, daemon)
        assert 0 < daemon.asked_to_close < 3

    run(story)


def test_control_characters_never_reach_a_daemon() -> None:
    assert body_text("a\0b\u202e\nc", frozenset()) == "a b\nc"
