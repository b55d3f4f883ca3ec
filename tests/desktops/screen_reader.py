"""Hears what a screen reader is told: AT-SPI, over the accessibility bus of a session.

The events of focus are what Orca speaks by; a program sends them once somebody has registered for
them. https://gitlab.gnome.org/GNOME/at-spi2-core, xml/*.xml.
"""

from contextlib import suppress
from functools import partial
from typing import NamedTuple, Self

from tests.desktop.bus import Bus, BusError, BusRecord, Passed
from tests.desktop.programs import wait_until
from tests.desktops.picture import Box

ACCESSIBILITY = "org.a11y.Bus"
ACCESSIBILITY_PATH = "/org/a11y/bus"
REGISTRY = "org.a11y.atspi.Registry"
REGISTRY_PATH = "/org/a11y/atspi/registry"
ACCESSIBLE = "org.a11y.atspi.Accessible"
COMPONENT = "org.a11y.atspi.Component"

EVENTS = ("object:state-changed:focused", "object:state-changed:selected", "focus:")
LABELLED_BY = 2
"""Relation to the object that has the name (ATSPI_RELATION_LABELLED_BY)."""

ON_SCREEN = 0
"""Coordinates of the screen (ATSPI_COORD_TYPE_SCREEN)."""


class Heard(NamedTuple):
    """Is one object that a screen reader would speak of."""

    name: str
    role: str
    box: Box

    @property
    def words(self) -> str:
        """Return what is said, as Orca joins it."""
        return f"{self.name}, {self.role}" if self.name else self.role


class ScreenReader:
    """Is a context manager that listens; programs that start later know of it.

    bus: the session's, which starts the accessibility bus.
    """

    def __init__(self, bus: Bus) -> None:
        bus.call(
            ACCESSIBILITY,
            ACCESSIBILITY_PATH,
            "org.freedesktop.DBus.Properties",
            "Set",
            "ssv",
            "org.a11y.Status",
            "IsEnabled",
            ("b", True),
            timeout=15,
        )
        (self._address,) = bus.call(ACCESSIBILITY, ACCESSIBILITY_PATH, ACCESSIBILITY, "GetAddress")

    def __enter__(self) -> Self:
        self._bus = Bus(self._address)
        try:
            self._register_all()
            self._record = BusRecord(self._address)
        except BaseException:
            self._bus.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._record.close()
        self._bus.close()

    def _register_all(self) -> None:
        for event in EVENTS:
            wait_until(partial(self._register, event), "the registry of AT-SPI")

    def _register(self, event: str) -> bool:
        """Ask to be told; False where the registry is gone: of two that start, one ends."""
        try:
            self._bus.call(REGISTRY, REGISTRY_PATH, REGISTRY, "RegisterEvent", "s", event)
        except BusError:
            return False
        return True

    def mark(self) -> int:
        """Mark this moment, for `heard`. Asks anew: Plasma now and then missed the first time."""
        self._register_all()
        return self._record.mark()

    def heard(self, mark: int) -> list[Heard]:
        """Return what got the focus since `mark`, each once, in its order."""
        found: dict[tuple[str, str], Heard] = {}
        for sender, path in self._focused(mark):
            if (sender, path) not in found:
                with suppress(BusError, TimeoutError):  # it is gone again
                    found[sender, path] = self._seen(sender, path)
        return [each for each in found.values() if each.role != "menu bar"]

    def rows(self, mark: int) -> list[Heard]:
        """Return all rows of the menu in which the first focus since `mark` was; [] for none."""
        for sender, path in self._focused(mark):
            with suppress(BusError, TimeoutError):
                if "item" in self._seen(sender, path).role:
                    parent = self._bus.get(sender, path, ACCESSIBLE, "Parent")
                    children = self._bus.call(*parent, ACCESSIBLE, "GetChildren")[0]
                    return [self._seen(*child) for child in children]
        return []

    def _focused(self, mark: int) -> list[tuple[str, str]]:
        return [(p.sender, p.path) for p in self._record.since(mark) if _is_focus(p)]

    def _seen(self, sender: str, path: str) -> Heard:
        name = self._bus.get(sender, path, ACCESSIBLE, "Name") or self._label(sender, path)
        (role,) = self._bus.call(sender, path, ACCESSIBLE, "GetRoleName")
        (box,) = self._bus.call(sender, path, COMPONENT, "GetExtents", "u", ON_SCREEN)
        return Heard(str(name), str(role), Box(*box))

    def _label(self, sender: str, path: str) -> str:
        (relations,) = self._bus.call(sender, path, ACCESSIBLE, "GetRelationSet")
        labels = [each for kind, targets in relations if kind == LABELLED_BY for each in targets]
        return " ".join(
            str(self._bus.get(sender, path, ACCESSIBLE, "Name")) for sender, path in labels
        )


def _is_focus(passed: Passed) -> bool:
    if passed.kind != "signal" or not passed.interface.startswith("org.a11y.atspi.Event."):
        return False
    if passed.member == "Focus":
        return True
    gained = passed.body[0] in ("focused", "selected") and passed.body[1] == 1
    return passed.member == "StateChanged" and gained
