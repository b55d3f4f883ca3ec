"""Tell what a real notification daemon (dunst) received, and press its buttons.

Received is what went over the bus to the daemon *and* was answered by it with a number; a button is
pressed through the daemon's own context menu, so that the daemon, not the test, tells the app.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.desktop.bus import Bus, BusRecord, Passed
from tests.desktop.programs import wait_until

NOTIFICATIONS = "org.freedesktop.Notifications"
DUNST = "org.dunstproject.cmd0"
PATH = "/org/freedesktop/Notifications"

DUNST_SETTINGS = """[global]
    width = 360
    height = 300
    origin = top-right
    offset = 16x48
    font = DejaVu Sans 10
    markup = full
    format = "<b>%s</b>\\n%b"
    timeout = 0
    stack_duplicates = false
    dmenu = {chooser}
    mouse_left_click = do_action
    mouse_right_click = close_current
[urgency_low]
    timeout = 0
[urgency_normal]
    timeout = 0
[urgency_critical]
    timeout = 0
"""

CHOOSER = """#!/bin/sh
# Stands for the person at dunst's context menu: of its lines, chooses the one that was asked for.
exec grep -F -m 1 -e "$(cat '{wish}')"
"""


def write_dunst_settings(home: Path, folder: Path) -> None:
    """Write dunst's settings below `home`, and its context menu's chooser in `folder`."""
    chooser = folder / "choose"
    chooser.write_text(CHOOSER.format(wish=folder / "wish"))
    chooser.chmod(0o700)
    settings = home / ".config/dunst/dunstrc"
    settings.parent.mkdir(parents=True)
    settings.write_text(DUNST_SETTINGS.format(chooser=chooser))


@dataclass(frozen=True)
class Notification:
    """Is one notification the daemon took; `actions` maps keys to the buttons' labels."""

    number: int
    replaces: int
    app_name: str
    title: str
    body: str
    actions: dict[str, str]
    hints: dict[str, Any]
    open: bool
    """Neither withdrawn by its sender nor dismissed."""

    @property
    def buttons(self) -> tuple[str, ...]:
        return tuple(label for key, label in self.actions.items() if key != "default")


class Notifications:
    """Shows the daemon's side of every notification since `clear`."""

    def __init__(self, bus: Bus, record: BusRecord, folder: Path) -> None:
        self._bus = bus
        self._record = record
        self._wish = folder / "wish"
        self._mark = 0

    def clear(self) -> None:
        """Dismiss what is shown and forget what was received."""
        self._bus.call(NOTIFICATIONS, PATH, DUNST, "NotificationCloseAll")
        self._mark = self._record.mark()

    def received(self) -> list[Notification]:
        """Return every notification the daemon took, in order; a replaced one counts once more."""
        passed = self._record.since(self._mark)
        numbers = {(p.destination, p.reply_to): p.body for p in passed if p.kind == "method_return"}
        closed = {
            p.body[0]: index
            for index, p in enumerate(passed)
            if (p.kind, p.interface, p.member) == ("signal", NOTIFICATIONS, "NotificationClosed")
        }
        found = []
        for index, call in enumerate(passed):
            answer = numbers.get((call.sender, call.serial))
            if _is_notify(call) and answer:
                is_open = closed.get(answer[0], -1) < index
                found.append(_notification_from_call(call, answer[0], is_open=is_open))
        return found

    def shown(self) -> list[Notification]:
        """Return what stands on the screen now."""
        latest = {notification.number: notification for notification in self.received()}
        return [notification for notification in latest.values() if notification.open]

    def displayed(self) -> int:
        """Return how many the daemon itself says it displays."""
        return int(self._bus.get(NOTIFICATIONS, PATH, DUNST, "displayedLength"))

    def wait_for(self, words: str, *, within: float = 10) -> Notification:
        """Return the open notification with `words` in its title or body."""

        def probe() -> Notification | None:
            matching = (n for n in self.shown() if words in n.title or words in n.body)
            return next(matching, None)

        return wait_until(probe, f"a notification with {words!r}", within=within, every=0.05)

    def wait_until_withdrawn(self, notification: Notification, *, within: float = 10) -> None:
        wait_until(
            lambda: all(n.number != notification.number for n in self.shown()),
            f"“{notification.title}” to be withdrawn",
            within=within,
            every=0.05,
        )

    def press(self, notification: Notification, button: str) -> None:
        """Press a button through dunst's context menu; dunst then tells the app."""
        keys = [key for key, label in notification.actions.items() if label == button]
        assert keys, f"no button {button!r} among {notification.buttons}"
        before = self._record.mark()
        self._wish.write_text(f"#{button} ")
        self._bus.call(NOTIFICATIONS, PATH, DUNST, "ContextMenuCall")
        invoked = [(notification.number, key) for key in keys]  # a click may do the same
        wait_until(
            lambda: any(
                p.member == "ActionInvoked" and p.body in invoked
                for p in self._record.since(before)
            ),
            f"dunst to report {button!r} pressed",
            every=0.05,
        )


def _is_notify(passed: Passed) -> bool:
    return (passed.kind, passed.interface, passed.member) == (
        "method_call",
        NOTIFICATIONS,
        "Notify",
    )


def _notification_from_call(call: Passed, number: int, *, is_open: bool) -> Notification:
    app_name, replaces, _icon, title, body, actions, hints, _timeout = call.body
    return Notification(
        number=number,
        replaces=replaces,
        app_name=app_name,
        title=title,
        body=body,
        actions=dict(zip(actions[::2], actions[1::2], strict=True)),
        hints={name: value for name, (_signature, value) in hints.items()},
        open=is_open,
    )
