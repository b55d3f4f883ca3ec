"""Show the tray as a panel sees it: the item over `org.kde.StatusNotifierItem`, its menu over
`com.canonical.dbusmenu`, asked and clicked in the order in which panels do that.

https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/ and libdbusmenu's
`com.canonical.dbusmenu` interface.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from tests.desktop.bus import Bus, BusError
from tests.desktop.programs import NotInTime, wait_until
from tests.fixtures.labels import drawn_by_gtk

WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_PATH = "/StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"


@dataclass(frozen=True)
class MenuEntry:
    """Is one line of the menu; `text` is what the panel, one of GTK's, draws of its label."""

    number: int
    label: str
    enabled: bool
    visible: bool
    separator: bool
    checked: bool
    icon: bool
    entries: tuple["MenuEntry", ...]

    @property
    def text(self) -> str:
        return drawn_by_gtk(self.label)

    def lines(self, indent: int = 0) -> Iterator[str]:
        """Yield the menu as text, one visible entry a line."""
        for entry in self.entries:
            if entry.visible:
                text = "—" if entry.separator else entry.text
                yield "    " * indent + text + ("" if entry.enabled else " (disabled)")
                yield from entry.lines(indent + 1)

    def find(self, *path: str) -> "MenuEntry":
        """Return the entry at a path of texts: each whole, or a part that only one entry has."""
        here = self
        for step in path:
            shown = [e for e in here.entries if e.visible and not e.separator]
            found = [e for e in shown if e.text == step] or [e for e in shown if step in e.text]
            if len(found) != 1:
                texts = [e.text for e in shown]
                raise AssertionError(f"{len(found)} entries match {step!r} among {texts}")
            here = found[0]
        return here

    def has(self, *path: str) -> bool:
        try:
            self.find(*path)
        except AssertionError:
            return False
        return True


class Menu:
    """Is the item's menu, read and clicked as a panel does it."""

    def __init__(self, bus: Bus, destination: str, path: str) -> None:
        self._bus = bus
        self._destination = destination
        self._path = path

    def _call(self, member: str, signature: str, *arguments: object) -> tuple[Any, ...]:
        return self._bus.call(self._destination, self._path, MENU, member, signature, *arguments)

    def read(self) -> MenuEntry:
        """Return the whole menu, as a panel knows it while it is closed.

        It is not asked to show: a panel of GTK would be given no more rows than it had.
        """
        layout = self._call("GetLayout", "iias", 0, -1, [])[1]
        return _entry_from_layout(layout)

    def wait_for(self, *path: str, within: float = 10) -> MenuEntry:
        """Return the entry at `path`, once it is there."""
        try:
            wait_until(lambda: self.read().has(*path), f"{path} in the menu", within=within)
        except NotInTime as error:
            raise NotInTime(f"{error}:\n{self}") from None
        return self.read().find(*path)

    def wait_without(self, *path: str, within: float = 10) -> None:
        """Wait until no entry is at `path`."""
        try:
            wait_until(lambda: not self.read().has(*path), f"no {path} in the menu", within=within)
        except NotInTime as error:
            raise NotInTime(f"{error}:\n{self}") from None

    def click(self, *path: str) -> None:
        """Open the menu, and the submenus on the way, click the entry, and close them again."""
        opened = [0]
        self.open()
        try:
            for depth in range(1, len(path)):
                submenu = self.read().find(*path[:depth]).number
                self._call("AboutToShow", "i", submenu)
                self._event(submenu, "opened")
                opened.append(submenu)
            entry = self.read().find(*path)
            assert entry.enabled, f"{path} is disabled"
            self.press(entry)
        finally:
            for number in reversed(opened):
                with suppress(BusError):  # that click may have been Quit
                    self._event(number, "closed")

    def open(self) -> MenuEntry:
        """Show it, and return what is in it; the caller closes it."""
        self._call("AboutToShow", "i", 0)
        self._event(0, "opened")
        return self.read()

    def press(self, entry: MenuEntry) -> None:
        """Click an entry of the menu that is open."""
        self._event(entry.number, "clicked")

    def close(self) -> None:
        self._event(0, "closed")

    def _event(self, number: int, kind: str) -> None:
        self._call("Event", "isvu", number, kind, ("s", ""), 0)

    def __str__(self) -> str:
        return "\n".join(self.read().lines())


class TrayItem:
    """Is one registered icon."""

    def __init__(self, bus: Bus, destination: str, path: str) -> None:
        self._bus = bus
        self.destination = destination
        self.path = path

    @classmethod
    def registered(cls, bus: Bus) -> list[Self]:
        """Return every item registered at the watcher; none where there is no watcher."""
        if bus.owner(WATCHER) is None:
            return []
        names = bus.get(WATCHER, WATCHER_PATH, WATCHER, "RegisteredStatusNotifierItems")
        pairs = (name.replace("@", "").partition("/") for name in names)  # GNOME has a `@` there
        return [cls(bus, destination, f"/{path}") for destination, _, path in pairs]

    @classmethod
    def of_process(cls, bus: Bus, pid: int) -> Self | None:
        """Return the item of a process, when it has one."""
        for item in cls.registered(bus):
            if bus.pid_of(item.destination) == pid:
                return item
        return None

    def _property(self, name: str) -> Any:
        return self._bus.get(self.destination, self.path, ITEM, name)

    @property
    def title(self) -> str:
        return str(self._property("Title"))

    @property
    def identifier(self) -> str:
        return str(self._property("Id"))

    @property
    def status(self) -> str:
        """Return `Active`, `Passive` or `NeedsAttention`."""
        return str(self._property("Status"))

    @property
    def tooltip(self) -> str:
        """Return title and text, joined by a newline."""
        _icon, _pixmaps, title, text = self._property("ToolTip")
        return "\n".join(part for part in (title, text) if part)

    @property
    def icon(self) -> bytes:
        """Return the largest pixmap (ARGB, network order); b'' when the icon is only named."""
        pixmaps: list[tuple[int, int, bytes]] = self._property("IconPixmap")
        return bytes(max(pixmaps, key=lambda p: p[0])[2]) if pixmaps else b""

    @property
    def menu(self) -> Menu:
        path = str(self._property("Menu"))
        return Menu(self._bus, self.destination, path)

    def activate(self) -> None:
        """Click it with the primary button."""
        self._bus.call(self.destination, self.path, ITEM, "Activate", "ii", 0, 0)

    @property
    def alive(self) -> bool:
        """Return whether it still answers."""
        try:
            return bool(self.title) or True
        except (BusError, TimeoutError):
            return False


def _entry_from_layout(layout: tuple[int, dict[str, tuple[str, Any]], list[Any]]) -> MenuEntry:
    number, raw, children = layout
    properties = {name: value for name, (_signature, value) in raw.items()}
    return MenuEntry(
        number=number,
        label=str(properties.get("label", "")),
        enabled=bool(properties.get("enabled", True)),
        visible=bool(properties.get("visible", True)),
        separator=properties.get("type") == "separator",
        checked=properties.get("toggle-state") == 1,
        icon=bool(properties.get("icon-data")),
        entries=tuple(_entry_from_layout(child[1]) for child in children),
    )
