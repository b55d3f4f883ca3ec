"""Plain text, escaped for the channel that shows it."""

from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.model.text import plain_text
from oo_desktop.ui.view.text import LOW_LINE, MenuChannel, menu_text, tooltip_text


def what_a_panel_shows(label: str) -> str:
    """A label as Qt sends it over D-Bus, read by libdbusmenu's rules, and by GTK's own.

    GTK takes a label with a mnemonic apart twice, so no `__` beside one survives there.
    """
    at = label.find("&")
    sent = label if at in (-1, len(label) - 1) else f"{label[:at]}_{label[at + 1 :]}"
    pairs = sent.replace("__", "\0")
    assert not ("_" in pairs and "\0" in pairs)
    return pairs.replace("_", "").replace("\0", "_").replace(LOW_LINE, "_")


def what_qt_shows(label: str) -> str:
    return label.replace("&&", "\0").replace("&", "").replace("\0", "&")


@given(st.text(alphabet="ab&_ ", max_size=12))
def test_a_menu_shows_ampersands_and_underscores_as_they_are(text: str) -> None:
    plain = plain_text(text)
    assert what_a_panel_shows(menu_text(plain, MenuChannel.DBUS)) == plain
    assert what_qt_shows(menu_text(plain, MenuChannel.QT)) == plain


def test_a_tooltip_reads_the_same_whether_it_is_taken_for_markup_or_not() -> None:
    assert tooltip_text("<b>R&D</b>") == "‹b›R＆D‹/b›"
