"""Show oO as a screen reader is told of it: AT-SPI, over the accessibility bus of its own.

The interface is that of at-spi2-core's `xml/` (org.a11y.atspi.Accessible, .Action, .Component);
roles and states are numbered in its `atspi-constants.h`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.desktop.bus import Bus, BusError
from tests.desktop.programs import wait_until
from tests.desktop.session import DesktopSession

LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
A11Y = "org.a11y.atspi"
ROOT = "/org/a11y/atspi/accessible/root"
REGISTRY = "org.a11y.atspi.Registry"

SHOWING, FOCUSED, FOCUSABLE, CHECKED, CHECKABLE = 25, 12, 11, 4, 41
"""Numbers of states."""


@dataclass(frozen=True)
class Thing:
    """Something a screen reader can speak of: a window, a button, an entry of a list."""

    bus: Bus
    owner: str
    path: str

    def _call(self, interface: str, member: str, signature: str = "", *words: object) -> Any:
        return self.bus.call(
            self.owner, self.path, f"{A11Y}.{interface}", member, signature, *words
        )

    @property
    def name(self) -> str:
        return str(self.bus.get(self.owner, self.path, f"{A11Y}.Accessible", "Name"))

    @property
    def role(self) -> str:
        """`push button`, `list item`: in English, whatever the language."""
        return str(self._call("Accessible", "GetRoleName")[0])

    def has(self, state: int) -> bool:
        words: list[int] = self._call("Accessible", "GetState")[0]
        return bool(words[state // 32] >> (state % 32) & 1)

    @property
    def children(self) -> list["Thing"]:
        return [
            Thing(self.bus, owner, path)
            for owner, path in self._call("Accessible", "GetChildren")[0]
            if not path.endswith("/null")
        ]

    def inside(self) -> Iterator["Thing"]:
        """Everything in it, from top to bottom; what goes away meanwhile is left out."""
        for child in self.children:
            try:
                yield child
                yield from child.inside()
            except BusError:
                continue

    def actions(self) -> list[str]:
        return [name for name, _, _ in self._call("Action", "GetActions")[0]]

    def do(self, action: str) -> None:
        """What a person does who uses no pointer: the reader asks for an action by its name."""
        assert self._call("Action", "DoAction", "i", self.actions().index(action))[0]


class ScreenReader:
    """Listens at the accessibility bus of a session."""

    def __init__(self, desktop: DesktopSession) -> None:
        desktop.spawn(LAUNCHER, "--launch-immediately")
        desktop.bus.await_owner("org.a11y.Bus")
        address = desktop.bus.call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")[0]
        self.bus = Bus(str(address))
        # Asked for, it starts; programs look whether anybody listens.
        self.bus.daemon("StartServiceByName", "su", REGISTRY, 0)
        self.bus.await_owner(REGISTRY)

    def close(self) -> None:
        self.bus.close()

    def window(self, name: str) -> Thing:
        """The window of this name, once it is there."""

        def find() -> Thing | None:
            for program in Thing(self.bus, REGISTRY, ROOT).children:
                try:
                    found = [each for each in program.children if each.name == name]
                except BusError:  # it has just ended
                    continue
                if found:
                    return found[0]
            return None

        return wait_until(find, f"the window {name} at the screen reader")
