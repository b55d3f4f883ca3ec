"""Drives oO at one tray host, as a person with a pointer does, and a screen reader's ears.

What begins with NO is a fault to look into, oO's or the host's; the rest is how the host is.
Everything that is seen is also saved as a picture, for somebody to look at.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from oo_desktop.sandbox.process import SandboxProcess
from oo_desktop.ui.qt.tray import MAX_OPEN_MS
from tests.desktop.programs import NotInTime, wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.tray import ITEM, MENU, TrayItem
from tests.desktops.hosts import Screen
from tests.desktops.picture import Box, Picture
from tests.desktops.screen_reader import Heard, ScreenReader
from tests.desktops.stage import HostSession

LABELS = ("Plan R&D", "Sort a_b", "Ask AT&T: x_y", "Mix a & b & c_d_e")
"""An `&`, an underscore, both, and many of them."""
REPORT = "Send the grant report"
NEW = "Buy stamps"
LAST_ROWS = ("Refresh", "Accounts", "Quit")
MANY = 40

MIN_CONTRAST = 3.0
"""Of the icon to the panel (WCAG 2.1, 1.4.11)."""

ROW = 26
"""Pixels from row to row, about."""

FOOT = 30
"""Pixels of the last row."""

MIN_MENU = 80
"""Pixels each way: less is a tooltip, or a lit button."""

MENU_SECONDS = 5.0

OF_GLIB = ("** (", "(python", "(process")
"""How lines begin that GTK logs in our process: Qt loads it for the theme of some desktops."""

CHECKS = (
    "icon",
    "contrast",
    "right button",
    "labels",
    "screen reader",
    "submenu",
    "done",
    "changed while open",
    "updates",
    "counts",
    "left button",
    "host killed",
    "40 tasks",
    "quit",
    "host late",
)


class Script:
    """Holds one run at one host.

    pictures: a folder for what is seen. rows: of the menu, as they were told last.
    """

    def __init__(
        self,
        session: HostSession,
        sandbox: SandboxProcess,
        reader: ScreenReader,
        pictures: Path,
    ) -> None:
        self._session = session
        self._sandbox = sandbox
        self._reader = reader
        self._scale = session.host.scale
        self._pictures = pictures
        self._oo = RunningOo(session, sandbox, settings="poll_interval = 300\nundo_seconds = 0\n")
        self._empty = session.look()
        self._icon = Box(0, 0, 0, 0)
        self.rows: list[Heard] = []
        self.found: dict[str, str] = {}

    def run(self) -> dict[str, str]:
        """Return each check's outcome."""
        self.start()
        self._check("contrast", self._contrast)
        self._check("right button", self._right_button)
        self._check("submenu", self._submenu)
        self._check("done", self._done)
        self._check("changed while open", self.changed_while_open)
        self._check("updates", self._updates)
        self._check("counts", self._counts)
        self._check("left button", self._left_button)
        self._check("host killed", self._host_killed)
        self._check("40 tasks", self._many)
        self._check("quit", self._quit)
        self._check("host late", self._host_late)
        return self.found

    def do_a_task(self) -> None:
        """Do what must work everywhere: the icon comes, a task is clicked, oO ends and it goes.

        Raises AssertionError where something does not.
        """
        self.start()
        with self._opened() as (box, _):
            _, self.rows = self._walk(box, 1)
            self._session.press(*self._row(REPORT).box.middle, 1)
            wait_until(self._is_done, "the task to be done in Todoist", within=15)
        self._quit()

    def start(self) -> None:
        """Start oO, see its icon come, give Ada few tasks, and oO her account."""
        self._icon_comes()
        self._fill()
        self._session.rest_pointer()
        self._icon = self._icon_box(self._session.look_still())

    def _check(self, name: str, check: Callable[[], str]) -> None:
        try:
            self.found[name] = check()
        except (AssertionError, TimeoutError, OSError) as error:
            self.found[name] = f"NO: {str(error).splitlines()[0][:70]}"
            self._save(f"{name}-failed", self._session.look())
            self._leave()

    def _save(self, name: str, picture: Picture, area: Box | None = None) -> None:
        picture.save(self._pictures / f"{name.replace(' ', '-')}.png", area)

    # Where things are

    def _icon_comes(self) -> None:
        """Start oO, on a strip that is remembered as it was without."""
        self._session.rest_pointer()
        self._empty = self._session.look_still(within=40, still=self._session.host.settles)
        self._save("empty", self._empty)
        began = time.monotonic()
        self._oo.launch()
        self._session.see(self._empty, self._session.host.strip, "the icon", within=25)
        self.found["icon"] = f"{time.monotonic() - began:.1f} s"

    def _fill(self) -> None:
        self._sandbox.control("clear_tasks")
        for title in (*LABELS, REPORT):
            self._sandbox.control("add_task", content=title, due_string="today")
        self._oo.await_ready()
        token = self._sandbox.control("personal_token")["token"]
        self._oo.ask("connect", "todoist", "--token", stdin=f"{token}\n")
        self._await_shown(REPORT)

    def _await_shown(self, title: str) -> None:
        wait_until(lambda: title in self._titles(), f"{title} in oO’s list", within=20, every=0.2)

    def _titles(self) -> list[str]:
        return [each["title"] for each in self._oo.ask("signals")]

    def _icon_box(self, now: Picture) -> Box:
        parts = now.parts(self._empty, self._session.host.strip)
        assert parts, "the icon is not seen"
        return _largest(parts)

    def _contrast(self) -> str:
        self._session.rest_pointer()
        now = self._session.look_still()
        now.save(self._pictures / "icon.png", self._icon.around(24), enlarged=4)
        seen = now.contrast(self._icon)
        return f"{seen:.1f}" if seen >= MIN_CONTRAST else f"NO: {seen:.1f}"

    # The menu

    @contextmanager
    def _opened(self) -> Iterator[tuple[Box, Picture]]:
        """Open the menu with the pointer, and close it: where it is, and the screen with it."""
        self._session.rest_pointer()
        before = self._session.look_still()
        self._session.press(*self._icon.middle, self._session.host.menu_button)
        area = self._session.free_area
        self._session.see(before, area, "a menu", at_least=MIN_MENU, within=MENU_SECONDS)
        now = self._session.look_still(still=self._session.host.rebuilds)
        parts = now.parts(before, area)  # beside it there may be GNOME's busy pointer
        assert parts, "the menu has closed by itself"
        box = _largest(parts)
        if area.y:  # its top may lie over the strip, where the icon is lit, too
            left = now.changed(before, Box(box.x, 0, box.width // 2, box.bottom)) or box
            box = box._replace(y=left.y, height=box.bottom - left.y)
        yield box, now
        self._leave()
        wait_until(lambda: self._closed(before, box), "the menu to be closed", within=3)

    def _closed(self, before: Picture, menu: Box) -> bool:
        """Whether where the menu was is as before, but for a notification there."""
        left = self._session.look().changed(before, menu)
        return left is None or left.height < menu.height // 2

    def _leave(self) -> None:
        """Close what is open, by the keyboard and, where the host hears no keys, by a click."""
        for _ in range(2):
            self._session.press_key("Escape")
            time.sleep(0.1)
        self._session.press(*self._session.nowhere, 1)
        time.sleep(0.2)

    def _walk(self, menu: Box, times: int) -> tuple[list[Heard], list[Heard]]:
        """Walk down the open menu: what a screen reader hears, and all rows that it can go to.

        By the keyboard or, where the host hears no keys, with the pointer.
        """
        mark = self._reader.mark()
        for _ in range(times):
            self._session.press_key("Down")
            time.sleep(0.25)
        heard = self._reader.heard(mark)
        for step in range(0 if heard else times + 1):
            across, down = (round(n * self._scale) for n in (40, 12 + step * ROW))
            self._session.point(menu.x + across, menu.y + down)
            time.sleep(0.25)
        nested = self._session.host.screen is Screen.SWAY
        rows = _scaled(self._reader.rows(mark), menu, self._scale)
        return self._reader.heard(mark), _placed(rows, menu, nested=nested)

    def _right_button(self) -> str:
        with self._opened() as (box, now):
            self._save("menu", now)
            heard, self.rows = self._walk(box, 6)
            self._save("menu walked", self._session.look())
        self.found["labels"] = self._labels()
        words = [each.words for each in heard[:5]]
        self.found["screen reader"] = " / ".join(words) if words else "says nothing"
        return f"menu, {box.width}x{box.height}"

    def _labels(self) -> str:
        """What the rows of each kind of label are called. How they are drawn is in the picture."""
        names = [row.name for row in self.rows]
        if not names:
            return "not told: see the picture"
        other = [n for n in names if any(n[:3] == title[:3] != n for title in LABELS)]
        wrong = [n for n in other if not n.startswith(LABELS)]
        return (
            f"told as {', '.join(n.partition(' · ')[0] for n in wrong)}" if wrong else "told right"
        )

    def _row(self, text: str) -> Heard:
        found = [row for row in self.rows if text in row.name]
        assert found, f"no row is known to say {text}"
        return found[0]

    def _submenu(self) -> str:
        with self._opened() as (box, now):
            row = self._row("Reschedule")
            area = self._session.free_area
            self._session.point(*row.box.middle)
            how = "at the pointer"
            try:
                self._wait_beside(now, box, area)
            except NotInTime:
                self._session.press(*row.box.middle, 1)
                self._wait_beside(now, box, area)
                how = "at a click"
            later = self._session.look_still()
            self._save("submenu", later)
            unfolds = self._session.host.extension  # GNOME has it within the menu
            aside = unfolds or _is_beside(later.changed(now, area), box)
        return how if aside else f"NO: {how}, and not beside the menu"

    def _wait_beside(self, before: Picture, menu: Box, area: Box) -> None:
        """Wait for a change next to the menu, or a much larger one than a lit row within it."""

        def grown() -> bool:
            now = self._session.look().changed(before, area)
            return now is not None and (_is_beside(now, menu) or now.height > MIN_MENU)

        wait_until(grown, "a submenu", within=2.5, every=0.1)

    def _done(self) -> str:
        began = time.monotonic()
        names = [row.name for row in self.rows]
        # Where there is little room, the last tasks are within "2 more …".
        there = (t for t in (REPORT, *reversed(LABELS)) if any(t in name for name in names))
        title = next(there, REPORT)
        with self._opened():
            self._session.press(*self._row(title).box.middle, 1)
            began = time.monotonic()
            wait_until(lambda: self._is_done(title), "the task to be done in Todoist", within=15)
            took = time.monotonic() - began
        return f"{took:.1f} s"

    def _is_done(self, title: str = REPORT) -> bool:
        tasks = self._sandbox.state()["tasks"]
        return any(t["content"] == title and t["checked"] for t in tasks)

    def changed_while_open(self) -> str:
        """Have a task come while the menu is read, and open it again at once: what became of it."""
        record = self._session.record
        with self._opened() as (box, _):
            self._session.point(box.x + 4, box.y + 8)  # where no tooltip covers a row
            time.sleep(0.5)
            now = self._session.look_still()
            mark = record.mark()
            self._sandbox.control("add_task", content=NEW, due_string="today")
            self._oo.ask("refresh")
            self._await_shown(NEW)
            time.sleep(1.5)
            later = self._session.look_still()
            self._save("changed while open", later)
            sent = record.sent_by(self._oo.program.pid, mark)
            updates = sum(p.member == "LayoutUpdated" for p in sent)
            how = _become(now, later, box)
        with self._opened() as (box, after):
            self._save("opened again", after)
            hidden = self._hidden(box)
        how += f", {updates} LayoutUpdated"
        return f"NO: {how}, then {hidden} out of reach" if hidden else how

    def _hidden(self, box: Box) -> str:
        """Which of the last rows cannot be reached in the open menu; empty where all can be."""
        _, self.rows = self._walk(box, 1)
        seen = [row.name for row in self.rows if row.box.bottom <= box.bottom]
        return ", ".join(n for n in LAST_ROWS if self.rows and not any(n in s for s in seen))

    def _await_counted_closed(self) -> None:
        """Wait until oO takes the menu for closed: some hosts never say that they closed it."""
        if self._session.host.embeds:
            return
        events = [p for p in self._session.record.since() if p.member == "Event"]
        told = any(p.body[:2] == (0, "closed") for p in events)
        time.sleep(1 if told else MAX_OPEN_MS / 1000 + 1)

    # What goes over the bus

    def _updates(self) -> str:
        """How many signals a change of state is, and how often the host reads all of it anew."""
        if self._session.host.embeds:
            return "none: the menu is Qt’s"
        self._await_counted_closed()
        tasks = {task["content"]: task for task in self._sandbox.state()["tasks"]}
        assert NEW in tasks, "nothing was changed before"
        changes: dict[str, Callable[[], object]] = {
            "title": lambda: self._sandbox.control(
                "edit_task", id=tasks[NEW]["id"], content="Buy ink"
            ),
            "new": lambda: self._sandbox.control("add_task", content="Dust", due_string="today"),
            "gone": lambda: self._sandbox.control("delete_task", id=tasks[NEW]["id"]),
        }
        return "; ".join(f"{name} {self._told(change)}" for name, change in changes.items())

    def _told(self, change: Callable[[], object]) -> str:
        before = self._titles()
        record, pid = self._session.record, self._oo.program.pid
        mark = record.mark()
        change()
        self._oo.ask("refresh")
        wait_until(lambda: self._titles() != before, "the change in oO’s list", within=20)
        time.sleep(1.5)
        names = self._session.bus.names_of(pid)
        passed = [p for p in record.since(mark) if p.interface in {MENU, ITEM}]
        sent = Counter(p.member for p in passed if p.kind == "signal" and p.sender in names)
        read = sum(p.member == "GetLayout" for p in passed)
        properties = sent["ItemsPropertiesUpdated"]
        return f"{sent['LayoutUpdated']} layout + {properties} properties, read {read} times"

    def _counts(self) -> str:
        """Whether the tooltip counts what the menu does."""
        if self._session.host.embeds:
            return "not told over the bus"
        bus, pid = self._session.bus, self._oo.program.pid
        senders = {p.sender for p in self._session.record.since() if p.member == "LayoutUpdated"}
        name = next(iter(senders.intersection(bus.names_of(pid))))
        layout = bus.call(name, "/MenuBar", MENU, "GetLayout", "iias", 0, 1, [])[1]
        tooltip = TrayItem(bus, name, "/StatusNotifierItem").tooltip
        heading = re.search(r"Today \((\d+)\)", str(layout))
        assert heading is not None, "the menu counts nothing"
        assert f"{heading[1]} today" in tooltip, f"{heading[0]}, {tooltip}"
        return f"{heading[1]} and {heading[1]}"

    # The other button, and the host's life

    def _left_button(self) -> str:
        record = self._session.record
        self._session.rest_pointer()
        before = self._session.look_still()
        mark = record.mark()
        self._session.press(*self._icon.middle, 1)
        area = self._session.free_area
        try:
            self._session.see(before, area, "anything", at_least=MIN_MENU, within=MENU_SECONDS)
        finally:
            asked = {p.member for p in record.since(mark) if p.interface == ITEM}
            word = "Activate" if "Activate" in asked else "no Activate"
        now = self._session.look_still()
        self._save("left button", now)
        box = now.changed(before, area)
        self._leave()
        if self._session.look_still().changed(before, area) is not None:
            self._session.press_key("alt+F4")
            self._session.look_still()
        return f"{word}; {box.width}x{box.height}" if box else f"NO: {word}, nothing"

    def _host_killed(self) -> str:
        self._session.rest_pointer()
        self._session.kill_host()
        strip = self._session.host.strip
        began = time.monotonic()
        self._session.start_host()

        def there() -> bool:
            parts = self._session.look().parts(self._empty, strip)
            return bool(parts) and max(box.width for box in parts) < self._session.host.size[0] // 2

        wait_until(there, "the icon again", within=20, every=0.1)
        took = time.monotonic() - began
        now = self._session.look_still()
        self._icon = self._icon_box(now)
        self._save("host back", now)
        with self._opened() as (_, again):
            self._save("menu of the new host", again)
        return f"back after {took:.1f} s"

    def _host_late(self) -> str:
        """Start oO where there is no host yet, and the host after it."""
        self._session.kill_host()
        self._oo.launch()
        self._oo.await_ready()
        self._session.rest_pointer()
        began = time.monotonic()
        self._session.start_host()
        strip = self._session.host.strip
        wait_until(lambda: self._session.look().changed(self._empty, strip), "the icon", within=20)
        took = time.monotonic() - began
        self._icon = self._icon_box(self._session.look_still())
        with self._opened() as (_, now):
            self._save("host late", now)
        assert self._oo.stop() == 0, "oO did not end well"
        return f"icon after {took:.1f} s"

    def _many(self) -> str:
        self._await_counted_closed()
        self._sandbox.control("add_task", content="One of many", due_string="today", times=MANY)
        self._oo.ask("refresh")
        self._await_shown(f"One of many {MANY}")
        time.sleep(1.5)
        with self._opened() as (box, now):
            self._save("40 tasks", now)
            hidden = self._hidden(box)
        size = f"{box.width}x{box.height}"
        return f"NO: {hidden} out of reach, {size}" if hidden else f"all seen, {size}"

    def _quit(self) -> str:
        self._session.rest_pointer()
        began = time.monotonic()
        assert self._oo.stop() == 0, "oO did not end well"
        strip = self._session.host.strip
        wait_until(
            lambda: self._session.look().changed(self._empty, strip) is None,
            "the icon to be gone",
            within=8,
            every=0.1,
        )
        took = time.monotonic() - began
        complaints = [line for line in self._oo.complaints() if not line.startswith(OF_GLIB)]
        return f"NO: it logged {complaints[0][:60]}" if complaints else f"gone after {took:.1f} s"


def _become(now: Picture, later: Picture, box: Box) -> str:
    """What became of an open menu in `box`: closed, moved, or only other words in its rows."""
    if later.color(*_corner(box)) != now.color(*_corner(box)):
        return "NO: closed"
    foot = Box(box.x, box.bottom - FOOT, box.width, FOOT)
    if later.changed(now, foot) or later.changed(now, Box(box.x, box.bottom, box.width, 60)):
        return "NO: rows move"
    return "in place" if later.changed(now, box) else "stays as it is"


def _largest(parts: list[Box]) -> Box:
    return max(parts, key=lambda box: box.width * box.height)


def _corner(box: Box) -> tuple[int, int]:
    """Where a menu is bare: within its frame, above its first row."""
    return box.x + 2, box.y + box.height // 2


def _is_beside(change: Box | None, menu: Box) -> bool:
    """Whether what has changed goes beyond the sides of the menu."""
    if change is None:
        return False
    return change.x < menu.x - 20 or change.x + change.width > menu.x + menu.width + 20


def _scaled(rows: list[Heard], menu: Box, scale: float) -> list[Heard]:
    """Return the rows in pixels of the screen: some toolkits tell them in the desktop's."""
    widest = max((row.box.width for row in rows), default=0)
    if not widest or menu.width / widest < (1 + scale) / 2:
        return rows
    return [row._replace(box=Box(*(round(each * scale) for each in row.box))) for row in rows]


def _placed(rows: list[Heard], menu: Box, *, nested: bool) -> list[Heard]:
    """Return the rows where they are on the screen.

    A client of Wayland does not know where its menu is: its rows are counted from its own corner.
    """
    rows = [row for row in rows if row.box.x >= 0]  # not hidden ones
    if not nested or not rows:
        return rows
    top = min(row.box.y for row in rows)
    bottom = max(row.box.bottom for row in rows)
    left = min(row.box.x for row in rows)
    down = menu.y + (menu.height - (bottom - top)) // 2 - top
    return [
        row._replace(box=row.box._replace(x=row.box.x + menu.x - left, y=row.box.y + down))
        for row in rows
    ]
