"""Escapes plain text for who shows it. Pure.

What is harmful differs, measured with Qt 6.11 in real panels:

- A menu Qt draws itself: every `&` is doubled and `_` means nothing.
- A menu over D-Bus: Qt turns the first `&` of a label, unless it is the last character, into the
  `_` that marks a mnemonic, and leaves all others. So before the first `&` that is to be seen there
  must be an underscore for the host; what else hosts do with underscores is no two hosts' rule:
  `MenuChannel` names them. No one label is right at all of them.
- A tooltip: some hosts parse it as Pango markup, some as HTML where it looks like that, some not
  at all: `TooltipChannel` names them.
- A notification's body: see `notifications/notifier.py`.
"""

import re
import unicodedata
from enum import StrEnum

from oo_desktop.language import is_right_to_left
from oo_desktop.model.text import isolated

_ANGLES = str.maketrans({"<": "‹", ">": "›"})
_MARKUP = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;"})
_AMPERSAND = str.maketrans({"&": "＆"})

JOINER = "\u2060"
"""Word joiner: a character that is not seen."""


class MenuChannel(StrEnum):
    """Names who draws a menu, and so what its labels must escape."""

    GTK = "gtk"
    """libdbusmenu-gtk: Xfce's panel, waybar, snixembed. A pair of underscores is one; of a
    label that has a mnemonic as well, only four are, for GTK takes that apart twice. (Not once it
    shows mnemonics, after a key: then these are two. No label is right in both.)"""
    MATE = "mate"
    """MATE's panel and Budgie's, and Cinnamon's xapp, which is GTK's, but shows mnemonics from the
    beginning: a pair of underscores is one, whatever else there is."""
    GNOME = "gnome"
    """The AppIndicator extension: takes out one underscore, the first that something follows."""
    KDE = "kde"
    """libdbusmenu-qt: Plasma and LXQt's panel. A pair of underscores is one, a single one
    underlines what follows it. LXQt shows that, so what follows is nothing to be seen: of its line
    one pixel stays, whichever character it is, and that stands before the text."""
    QT = "qt"
    """Qt itself."""


class TooltipChannel(StrEnum):
    """Names who draws a tooltip, and so what it must escape."""

    PLAIN = "plain"
    """As it is, or as HTML if a tag is in it."""
    PANGO = "pango"
    """As Pango's markup, or not at all where it is none."""
    UNKNOWN = "unknown"


def menu_text(text: str, channel: MenuChannel) -> str:
    """Return the label that makes a menu of `channel` show exactly `text` (plain)."""
    match channel:
        case MenuChannel.QT:
            return text.replace("&", "&&")
        case MenuChannel.GNOME:
            return _through_qt(_for_gnome(text))
        case MenuChannel.GTK:
            return _through_qt(_for_dbusmenu(text, after="____"))
        case MenuChannel.MATE:
            return _through_qt(_for_dbusmenu(text, after="__"))
        case MenuChannel.KDE:
            return _through_qt(_for_dbusmenu(text, after="__", first=f"_{JOINER}"))


def _for_dbusmenu(text: str, *, after: str, first: str = "") -> str:
    """after: an underscore behind the first `&` that has none before it. first: a mnemonic to begin
    with, instead of that `&`."""
    before, ampersand, rest = text.partition("&")
    if not rest or "_" in before:
        return text.replace("_", "__")
    return (first + before if first else f"{before}_") + ampersand + rest.replace("_", after)


def _for_gnome(text: str) -> str:
    taken = re.search("_[^_]|&.", text)
    return text if taken is None else f"{text[: taken.start()]}_{text[taken.start() :]}"


def _through_qt(label: str) -> str:
    """Return what Qt makes `label` of."""
    before, ampersand, rest = label.partition("&")
    return label if not ampersand or not rest else before.replace("_", "&", 1) + ampersand + rest


def tooltip_text(text: str, channel: TooltipChannel) -> str:
    """Return what makes a tooltip of `channel` show `text` (plain).

    Where that is not known, look-alikes stand for what markup is made of; few fonts have that of
    `&`, so it is taken nowhere else.
    """
    match channel:
        case TooltipChannel.PLAIN:
            return text.translate(_ANGLES)
        case TooltipChannel.PANGO:
            return text.translate(_MARKUP)
        case TooltipChannel.UNKNOWN:
            return text.translate(_ANGLES).translate(_AMPERSAND)


_MARKS = {"L": "\u200e", "R": "\u200f"}
"""Not seen; the first letter of a line, to those that look for it."""


def whole_line(text: str) -> str:
    """Return `text` (plain) as a line that reads as oO's language does, whatever it begins with.

    Who draws a menu, a tooltip or a label turns a line by its first letter (Unicode Standard Annex
    9, rule P2): an Arabic sentence that begins with the name of a service would read from its end.
    """
    wanted = "R" if is_right_to_left() else "L"
    directions = [_DIRECTIONS.get(unicodedata.bidirectional(char)) for char in text]
    if next(filter(None, directions), wanted) == wanted:
        return text
    # What is foreign as a whole, such as the path of a file, keeps its own order, all of it.
    return _MARKS[wanted] + text if wanted in directions else isolated(text)


_DIRECTIONS = {"L": "L", "R": "R", "AL": "R"}
"""Of letters; what else there is in a line does not turn it."""
