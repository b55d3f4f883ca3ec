"""The port to the desktop's notifications, over a real bus, with daemons good, mute and absent."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Message, MessageType, NameFlag, Variant
from dbus_fast.aio import MessageBus
from PySide6.QtWidgets import QApplication

from oo_desktop.linux.notifier import SystemNotifier, body_text
from oo_desktop.notifications.notifier import Urgency, WithoutButtons
from tests.qt_loop import qt_runner

NAME = "org.freedesktop.Notifications"


PATH = "/org/freedesktop/Notifications"


class Daemon:
    """A notification daemon that notes what it is asked.

    mute: it never answers. name: how it calls itself. numbered: it gives numbers; else 0.
    closes: it takes a notification away once one of its buttons was pressed.
    """

    def __init__(
        self,
        *abilities: str,
        mute: bool = False,
        name: str = "stand-in",
        numbered: bool = True,
        closes: bool = False,
    ) -> None:
        self.abilities = list(abilities)
        self.mute = mute
        self.name = name
        self.numbered = numbered
        self.closes = closes
        self.shown: dict[int, list[Any]] = {}
        self.closed: list[int] = []
        self.asked_to_close = 0
        self.last = 0

    async def start(self, address: str) -> None:
        """Take the name over, from whoever has it and lives on."""
        self.bus = await MessageBus(bus_address=address).connect()
        self.bus.add_message_handler(self._answer)
        flags = NameFlag.REPLACE_EXISTING | NameFlag.ALLOW_REPLACEMENT
        await self.bus.request_name(NAME, flags)

    async def die(self) -> None:
        self.bus.disconnect()
        await asyncio.sleep(0.05)

    def _answer(self, message: Message) -> Message | bool | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != NAME:
            return None
        self.asked_to_close += message.member == "CloseNotification"
        if self.mute:
            return True
        match message.member:
            case "GetCapabilities":
                return Message.new_method_return(message, "as", [self.abilities])
            case "GetServerInformation":
                return Message.new_method_return(message, "ssss", [self.name, "", "1", "1.2"])
            case "Notify":
                return Message.new_method_return(message, "u", [self._take(message.body)])
            case "CloseNotification":
                if self.shown.pop(message.body[0], None):
                    self._say("NotificationClosed", "uu", message.body[0], 3)
                self.closed.append(message.body[0])
                return Message.new_method_return(message)
        return None

    def _take(self, body: list[Any]) -> int:
        if not self.numbered:
            return 0
        number: int = body[1] or self.last + 1
        self.last = max(self.last, number)
        self.shown[number] = body
        return number

    def _say(self, member: str, signature: str, *body: object) -> None:
        self.bus.send(Message.new_signal(PATH, NAME, member, signature, list(body)))

    async def press(self, number: int, label: str) -> None:
        """What the daemon says when the user presses a button."""
        actions = self.shown[number][5]
        self._say("ActionInvoked", "us", number, actions[actions.index(label) - 1])
        if self.closes:
            del self.shown[number]
            self._say("NotificationClosed", "uu", number, 2)
        await asyncio.sleep(0.05)

    async def give_token(self, number: int, token: str) -> None:
        """What the daemon says before that."""
        self._say("ActivationToken", "us", number, token)
        await asyncio.sleep(0.05)

    async def close(self, number: int) -> None:
        """What the daemon says when a notification is over."""
        self.shown.pop(number, None)
        self._say("NotificationClosed", "uu", number, 1)
        await asyncio.sleep(0.05)

    def titles(self) -> list[str]:
        return [body[3] for body in self.shown.values()]


class Stranger:
    """Another program on the bus."""

    async def start(self, address: str) -> None:
        self.bus = await MessageBus(bus_address=address).connect()

    async def notify(self, title: str, *actions: str) -> int:
        hints = {"urgency": Variant("y", 1)}
        body = ["other", 0, "", title, "", list(actions), hints, -1]
        message = Message(NAME, PATH, NAME, "Notify", signature="susssasa{sv}i", body=body)
        return int((await self.bus.call(message)).body[0])

    async def say(self, member: str, signature: str, *body: object, to: str | None = None) -> None:
        """Send a signal as only the notification daemon should: to all, or to one program."""
        message = Message(
            path=PATH,
            interface=NAME,
            member=member,
            message_type=MessageType.SIGNAL,
            destination=to,
            signature=signature,
            body=list(body),
        )
        await self.bus.send(message)
        await asyncio.sleep(0.05)

    async def everybody(self) -> list[str]:
        """The unique names on the bus, without its own."""
        bus = "org.freedesktop.DBus"
        message = Message(bus, "/org/freedesktop/DBus", bus, "ListNames")
        names = (await self.bus.call(message)).body[0]
        return [name for name in names if name.startswith(":") and name != self.bus.unique_name]


MENU = WithoutButtons("Use the menu.")

Story = Callable[[], Awaitable[None]]


@pytest.fixture
def run(qapp: QApplication) -> Callable[[Story], None]:
    """Runs a story on Qt's loop, as the app does."""

    def run(story: Story) -> None:
        with qt_runner(qapp) as runner:
            runner.run(story())  # type: ignore[arg-type]  # stories are coroutine functions

    return run


async def ended(notifier: SystemNotifier, *daemons: Daemon | Stranger) -> None:
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
        await notifier.show("one", title="First", buttons=buttons, without_buttons=MENU)
        assert daemon.shown[1][4] == ""
        await daemon.press(1, "Reconnect")
        assert pressed == [asyncio.get_running_loop()]
        assert daemon.closed == [1]  # some daemons leave it there, and so must be told
        await ended(notifier, daemon)

    run(story)


def test_the_token_of_a_click_is_kept_and_that_of_a_click_on_another_is_not(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        kept: list[str] = []
        daemon = Daemon("actions", "body")
        notifier = SystemNotifier(address=private_bus, keep_token=kept.append)
        await daemon.start(private_bus)
        await notifier.show("one", title="First", buttons={"Join": lambda: kept.append("joins")})
        await daemon.give_token(2, "another's")
        await daemon.give_token(1, "ours")
        await daemon.press(1, "Join")
        assert kept == ["ours", "joins"]
        await ended(notifier, daemon)

    run(story)


def test_a_click_on_the_notification_itself_is_its_first_action(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions", "body"), notifier_on(private_bus)
        await daemon.start(private_bus)
        heard: list[str] = []
        for label in ("Open", "Join"):
            await notifier.show(
                "one",
                title="First",
                buttons={"Join": lambda: heard.append("join")},
                click=lambda: heard.append("click"),
            )
            (number,) = daemon.shown
            assert daemon.shown[number][5] == ["default", "Open", "0", "Join"]
            await daemon.press(number, label)
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
            without_buttons=MENU,
        )
        assert daemon.shown[1][4] == "Use the menu."
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


# Numbers belong to the daemon that gave them


def test_after_a_restart_of_the_daemon_no_button_of_another_program_acts(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, stranger, notifier = Daemon("actions"), Stranger(), notifier_on(private_bus)
        await stranger.start(private_bus)
        await daemon.start(private_bus)
        pressed: list[str] = []
        buttons = {"Reconnect": lambda: pressed.append("reconnect")}
        await notifier.show("one", title="Ours", buttons=buttons)
        await daemon.die()
        daemon = Daemon("actions")  # which begins its numbers anew
        await daemon.start(private_bus)
        assert await stranger.notify("Theirs", "0", "Delete file", "default", "Show") == 1
        await daemon.press(1, "Delete file")
        await daemon.press(1, "Show")
        assert pressed == []
        await ended(notifier, daemon, stranger)

    run(story)


def test_after_a_restart_of_the_daemon_no_notification_of_another_program_is_touched(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, stranger, notifier = Daemon("actions"), Stranger(), notifier_on(private_bus)
        await stranger.start(private_bus)
        await daemon.start(private_bus)
        for name in ("withdrawn", "replaced", "with buttons"):
            await notifier.show(name, title="Ours", buttons={"Go": lambda: None})
        await daemon.die()
        daemon = Daemon("actions")
        await daemon.start(private_bus)
        assert [await stranger.notify(f"Theirs {n}") for n in (1, 2, 3)] == [1, 2, 3]
        await notifier.withdraw("withdrawn")
        await notifier.show("replaced", title="Ours, again", buttons={"Go": lambda: None})
        assert daemon.titles() == ["Theirs 1", "Theirs 2", "Theirs 3", "Ours, again"]
        await notifier.aclose()  # which takes away what has buttons
        assert daemon.titles() == ["Theirs 1", "Theirs 2", "Theirs 3"]
        await ended(notifier, daemon, stranger)

    run(story)


@pytest.mark.parametrize("directed", [False, True])
def test_what_another_program_says_of_our_numbers_does_not_count(
    run: Callable[[Story], None],
    private_bus: str,
    directed: bool,  # a case
) -> None:
    async def story() -> None:
        daemon, stranger, notifier = Daemon("actions"), Stranger(), notifier_on(private_bus)
        await stranger.start(private_bus)
        await daemon.start(private_bus)
        pressed: list[str] = []
        await notifier.show("one", title="Ours", buttons={"Go": lambda: pressed.append("go")})
        for to in await stranger.everybody() if directed else [None]:
            await stranger.say("ActionInvoked", "us", 1, "0", to=to)
            await stranger.say("NotificationClosed", "uu", 1, 2, to=to)
        assert pressed == []
        await notifier.withdraw("one")
        assert daemon.titles() == []  # still known, so still withdrawn
        await ended(notifier, daemon, stranger)

    run(story)


def test_a_daemon_that_lost_its_name_is_not_heard_and_keeps_nothing_of_ours(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        old, new, stranger = Daemon("actions"), Daemon("actions"), Stranger()
        notifier = notifier_on(private_bus)
        await stranger.start(private_bus)
        await old.start(private_bus)
        pressed: list[str] = []
        buttons = {"Go": lambda: pressed.append("go")}
        await notifier.show("one", title="Ours", buttons=buttons)
        kept = dict(old.shown)
        await new.start(private_bus)
        await asyncio.sleep(0.05)
        assert old.titles() == []  # with buttons that nobody would hear
        assert await stranger.notify("Theirs", "0", "Delete file") == 1
        old.shown |= kept
        await old.press(1, "Go")
        await new.press(1, "Delete file")
        assert pressed == []
        await notifier.withdraw("one")
        assert new.titles() == ["Theirs"]
        await notifier.show("one", title="Ours", buttons=buttons)
        await new.press(2, "Go")
        assert pressed == ["go"]
        await ended(notifier, old, new, stranger)

    run(story)


def test_a_daemon_that_is_replaced_while_it_shows_our_text_does_not_keep_it(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        old, new, notifier = Daemon("actions"), Daemon("actions"), notifier_on(private_bus)
        await old.start(private_bus)
        await notifier.show("other", title="Other")

        def replaced_meanwhile(body: list[Any]) -> int:
            old.shown[7] = body
            flags = NameFlag.REPLACE_EXISTING | NameFlag.ALLOW_REPLACEMENT
            take = Message(
                "org.freedesktop.DBus",
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus",
                "RequestName",
                signature="su",
                body=[NAME, flags.value],
            )
            new.bus.send(take)
            return 7

        new.bus = await MessageBus(bus_address=private_bus).connect()
        new.bus.add_message_handler(new._answer)
        old._take = replaced_meanwhile  # type: ignore[method-assign]  # this once
        await notifier.show("one", title="Ours")
        await asyncio.sleep(0.05)
        await notifier.show("one", title="Ours, again")
        assert new.titles() == ["Ours, again"]
        assert "Ours" not in old.titles()
        await ended(notifier, old, new)

    run(story)


def test_when_the_daemon_is_gone_for_good_everything_goes_on_without_it(
    run: Callable[[Story], None], private_bus: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions"), notifier_on(private_bus)
        await daemon.start(private_bus)
        await notifier.show("one", title="Ours", buttons={"Go": lambda: None}, standing=True)
        await daemon.die()
        await notifier.show("one", title="Ours, again")
        await notifier.withdraw("one")
        await ended(notifier)

    run(story)
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]


# What stands until it is mended


def test_what_a_restart_swept_away_is_shown_again_once_if_it_stands_for_long(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        notifier = notifier_on(private_bus)
        pressed: list[str] = []
        buttons = {"Reconnect": lambda: pressed.append("reconnect")}
        shown: list[list[str]] = []
        for _ in range(3):
            daemon = Daemon("actions")
            await daemon.start(private_bus)
            if not shown:
                await notifier.show("account", title="Sign in", buttons=buttons, standing=True)
                await notifier.show("click", title="Done")
            await asyncio.sleep(0.1)
            shown.append(daemon.titles())
            if len(shown) == 2:
                assert daemon.shown[1][6]["urgency"].value == Urgency.LOW.level
                await daemon.press(1, "Reconnect")
            await daemon.die()
        assert shown == [["Sign in", "Done"], ["Sign in"], []]
        assert pressed == ["reconnect"]
        await ended(notifier)

    run(story)


def test_a_daemon_that_is_restarted_again_and_again_is_not_told_again_and_again(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        notifier = notifier_on(private_bus)
        shown: list[list[str]] = []
        for _ in range(4):
            daemon = Daemon("actions")
            await daemon.start(private_bus)
            if not shown:
                await notifier.show("account", title="Sign in", standing=True)
            await asyncio.sleep(0.1)
            shown.append(daemon.titles())
            await daemon.die()
        assert shown == [["Sign in"], ["Sign in"], [], []]
        await ended(notifier)

    run(story)


@pytest.mark.parametrize("how", ["withdrawn", "closed", "withdrawn in between"])
def test_what_is_over_is_not_shown_again_after_a_restart(
    run: Callable[[Story], None], private_bus: str, how: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions"), notifier_on(private_bus)
        await daemon.start(private_bus)
        await notifier.show("account", title="Sign in", standing=True)
        if how == "withdrawn":
            await notifier.withdraw("account")
        elif how == "closed":
            await daemon.close(1)
        await daemon.die()
        await notifier.withdraw("account") if how == "withdrawn in between" else None
        daemon = Daemon("actions")
        await daemon.start(private_bus)
        await asyncio.sleep(0.1)
        assert daemon.titles() == []
        await ended(notifier, daemon)

    run(story)


def test_what_stands_for_long_is_shown_by_a_daemon_that_comes_late(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions"), notifier_on(private_bus)
        await notifier.show("account", title="Sign in", standing=True)
        await daemon.start(private_bus)
        await asyncio.sleep(0.1)
        assert daemon.titles() == ["Sign in"]
        await ended(notifier, daemon)

    run(story)


# What daemons draw and close


@pytest.mark.parametrize("name", ["mako", "dunst", "Fnott"])
def test_a_daemon_that_draws_no_buttons_gets_the_words_and_a_click_that_presses_one(
    run: Callable[[Story], None], private_bus: str, name: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions", "body", name=name), notifier_on(private_bus)
        await daemon.start(private_bus)
        pressed: list[str] = []
        await notifier.show(
            "one",
            title="Sign in",
            body="Your list stays.",
            buttons={"Reconnect": lambda: pressed.append("reconnect")},
            without_buttons=WithoutButtons("Choose Reconnect.", click="Reconnect"),
        )
        assert daemon.shown[1][4:6] == [
            "Choose Reconnect.",
            ["default", "Reconnect", "0", "Reconnect"],
        ]
        await daemon.press(1, "Reconnect")
        assert pressed == ["reconnect"]
        await ended(notifier, daemon)

    run(story)


def test_where_buttons_are_drawn_a_click_presses_none(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions", name="Plasma"), notifier_on(private_bus)
        await daemon.start(private_bus)
        await notifier.show(
            "one",
            title="Sign in",
            body="Your list stays.",
            buttons={"Reconnect": lambda: None},
            without_buttons=WithoutButtons("Choose Reconnect.", click="Reconnect"),
        )
        assert daemon.shown[1][4:6] == ["Your list stays.", ["0", "Reconnect"]]
        await ended(notifier, daemon)

    run(story)


@pytest.mark.parametrize("closes", [False, True])
def test_a_pressed_button_ends_its_notification_whether_or_not_the_daemon_does(
    run: Callable[[Story], None],
    private_bus: str,
    closes: bool,  # a case
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions", closes=closes), notifier_on(private_bus)
        await daemon.start(private_bus)
        await notifier.show("event", title="Lunch", buttons={"Join": lambda: None})
        await notifier.show("other", title="Other", buttons={"Join": lambda: None})
        await daemon.press(1, "Join")
        assert daemon.titles() == ["Other"]
        await ended(notifier, daemon)

    run(story)


def test_what_takes_the_place_of_an_answered_notification_stays(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions"), notifier_on(private_bus)
        await daemon.start(private_bus)
        done: list[asyncio.Task[None]] = []

        def undo() -> None:
            work = notifier.show("clicked", title="1 task done")
            done.append(asyncio.get_running_loop().create_task(work))

        await notifier.show("clicked", title="2 tasks done", buttons={"Undo the last": undo})
        await daemon.press(1, "Undo the last")
        assert daemon.titles() == ["1 task done"]
        await ended(notifier, daemon)

    run(story)


def test_a_button_pressed_while_its_notification_is_replaced_does_not_end_the_new_one(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions"), notifier_on(private_bus)
        await daemon.start(private_bus)
        await notifier.show("clicked", title="1 task done", buttons={"Undo": lambda: None})
        take = daemon._take

        def pressed_meanwhile(body: list[Any]) -> int:
            daemon._say("ActionInvoked", "us", 1, "0")
            return take(body)

        daemon._take = pressed_meanwhile  # type: ignore[method-assign]  # this once
        await notifier.show("clicked", title="2 tasks done", buttons={"Undo all": lambda: None})
        await asyncio.sleep(0.05)
        assert daemon.titles() == ["2 tasks done"]
        await ended(notifier, daemon)

    run(story)


def test_a_notification_without_a_number_is_neither_closed_nor_replaced(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions", numbered=False), notifier_on(private_bus)
        await daemon.start(private_bus)
        pressed: list[str] = []
        await notifier.show("one", title="Ours", buttons={"Go": lambda: pressed.append("go")})
        daemon.shown[0] = ["", 0, "", "", "", ["0", "Go"]]
        await daemon.press(0, "Go")
        await notifier.withdraw("one")
        assert (pressed, daemon.closed) == ([], [])
        await ended(notifier, daemon)

    run(story)


def test_what_a_daemon_closes_twice_or_never_gave_leaves_the_others_alone(
    run: Callable[[Story], None], private_bus: str
) -> None:
    async def story() -> None:
        daemon, notifier = Daemon("actions"), notifier_on(private_bus)
        await daemon.start(private_bus)
        await notifier.show("one", title="First")
        await notifier.show("two", title="Second")
        for number in (1, 1, 0, 99999):
            await daemon.close(number)
        await notifier.withdraw("one")
        await notifier.withdraw("two")
        assert daemon.closed == [2]
        await ended(notifier, daemon)

    run(story)
