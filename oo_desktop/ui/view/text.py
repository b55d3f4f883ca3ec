"""Escapes plain text for the channel that shows it. Pure.

What is harmful differs per channel, measured with Qt 6.11 over D-Bus and in a panel:

- A menu over D-Bus: Qt turns the first `&` of a label into `_` and leaves all others, and hosts eat
  `_` as a mnemonic unless it is doubled (libdbusmenu's rule). So the first `&` is doubled (the host
  then gets `_&`, and shows `&`), the others stay single, and every `_` is doubled.
- A menu Qt draws itself: every `&` is doubled and `_` means nothing.
- A tooltip: some hosts parse it as HTML or Pango markup and some do not, so escaping would show
  `&lt;` in half of them. The three characters are exchanged for harmless look-alikes instead.
- A notification's body: see `notifications/notifier.py`.
"""

from enum import StrEnum

_TOOLTIP = str.maketrans({"<": "‹", ">": "›", "&": "＆"})

LOW_LINE = "\u02cd"
"""Looks like an underscore and is a mnemonic nowhere: for where a real one cannot be written."""


class MenuChannel(StrEnum):
    """Names who draws a menu, and so what its labels must escape."""

    DBUS = "dbus"
    """The panel, which reads the labels over D-Bus."""
    QT = "qt"


def menu_text(text: str, channel: MenuChannel) -> str:
    """Return the label that makes a menu of `channel` show exactly `text` (plain)."""
    if channel is MenuChannel.QT:
        return text.replace("&", "&&")
    # Qt turns the first `&` into the `_` that marks a mnemonic, and passes all else on; `__` is a
    # literal underscore. GTK gets literal underscores wrong beside a real mnemonic, so there must
    # be none: an underscore before the first `&` gives it half of a pair of its own.
    before, ampersand, after = text.partition("&")
    if not ampersand:
        return text.replace("_", "__")
    head, underscore, tail = before.partition("_")
    if underscore:
        return f"{head}_&{(tail + ampersand + after).replace('_', '__')}"
    return f"{before}&&{after.replace('_', LOW_LINE)}"


def tooltip_text(text: str) -> str:
    """Return `text` (plain) for a tooltip: the same to read, parsed as markup or not."""
    return text.translate(_TOOLTIP)
