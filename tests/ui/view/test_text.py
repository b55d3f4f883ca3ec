"""Plain text, escaped for who shows it.

What each host draws is in `tests/fixtures/labels.py`, by its source; each was seen in a panel too.
"""

import gettext
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop import language
from oo_desktop.model.text import plain_text
from oo_desktop.ui.view.text import (
    JOINER,
    MenuChannel,
    TooltipChannel,
    menu_text,
    tooltip_text,
    whole_line,
)
from tests.fixtures.labels import drawn_by_gnome, drawn_by_gtk, without_mnemonics


def sent_by_qt(label: str) -> str:
    """Qt 6.11, `QDBusMenuItem::convertMnemonic`."""
    at = label.find("&")
    return label if at in (-1, len(label) - 1) else f"{label[:at]}_{label[at + 1 :]}"


def what_qt_shows(label: str) -> str:
    return label.replace("&&", "\0").replace("&", "").replace("\0", "&")


SHOWN = {
    MenuChannel.GTK: lambda label: drawn_by_gtk(sent_by_qt(label)),
    MenuChannel.MATE: lambda label: without_mnemonics(sent_by_qt(label)),
    MenuChannel.GNOME: lambda label: drawn_by_gnome(sent_by_qt(label)),
    MenuChannel.KDE: lambda label: without_mnemonics(sent_by_qt(label)).replace(JOINER, ""),
    MenuChannel.QT: what_qt_shows,
}


@given(st.text(alphabet="ab&_ ", max_size=14), st.sampled_from(MenuChannel))
def test_a_menu_shows_ampersands_and_underscores_as_they_are(
    text: str, channel: MenuChannel
) -> None:
    plain = plain_text(text)
    assert SHOWN[channel](menu_text(plain, channel)) == plain


@pytest.mark.parametrize(
    ("text", "gtk", "mate", "gnome", "kde"),
    [
        ("Buy milk", "Buy milk", "Buy milk", "Buy milk", "Buy milk"),
        ("Tom & Jerry", *["Tom _& Jerry"] * 3, f"_{JOINER}Tom & Jerry"),
        ("a_b", "a__b", "a__b", "a__b", "a__b"),
        ("snake_case_name", *["snake__case__name"] * 2, "snake__case_name", "snake__case__name"),
        ("a_b & c_d", "a__b & c__d", "a__b & c__d", "a__b & c_d", "a__b & c__d"),
        ("R&D_x", "R_&D____x", "R_&D__x", "R_&D_x", f"_{JOINER}R&D__x"),
        ("a & b & c", *["a _& b & c"] * 3, f"_{JOINER}a & b & c"),
        ("Fish &", "Fish &", "Fish &", "Fish &", "Fish &"),
    ],
)
def test_each_host_is_sent_what_it_shows_right(
    text: str, gtk: str, mate: str, gnome: str, kde: str
) -> None:
    by_host = {
        MenuChannel.GTK: gtk,
        MenuChannel.MATE: mate,
        MenuChannel.GNOME: gnome,
        MenuChannel.KDE: kde,
    }
    for channel, sent in by_host.items():
        assert sent_by_qt(menu_text(text, channel)) == sent


@given(st.text(alphabet="ab&_ ", max_size=14))
def test_lxqt_underlines_nothing_that_can_be_seen(text: str) -> None:
    sent = sent_by_qt(menu_text(plain_text(text), MenuChannel.KDE)).replace("__", "")
    assert all(after == JOINER for after in re.findall("_(.)", sent))


@pytest.mark.parametrize(
    ("channel", "sent"),
    [
        (TooltipChannel.PLAIN, "‹b›R&D‹/b›"),
        (TooltipChannel.PANGO, "&lt;b&gt;R&amp;D&lt;/b&gt;"),
        (TooltipChannel.UNKNOWN, "‹b›R＆D‹/b›"),
    ],
)
def test_a_tooltip_is_escaped_for_who_draws_it(channel: TooltipChannel, sent: str) -> None:
    assert tooltip_text("<b>R&D</b>", channel) == sent


@pytest.fixture
def arabic() -> Iterator[None]:
    language.use_catalogue("ar", gettext.NullTranslations())
    yield
    language.use_catalogue(language.ENGLISH, gettext.NullTranslations())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Todoist: 2 min ago", "Todoist: 2 min ago"),
        ("09:00–10:00  Stand-up", "09:00–10:00  Stand-up"),
        ("12 · 14", "12 · 14"),
        ("", ""),
        ("עבודה · shown", "\u200eעבודה · shown"),
        ("09:00  שלום", "\u200e\u206809:00  שלום\u2069"),
    ],
)
def test_a_line_reads_from_left_to_right_whatever_it_begins_with(text: str, line: str) -> None:
    assert whole_line(text) == line


@pytest.mark.usefixtures("arabic")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("تحديث", "تحديث"),
        ("12 · 14", "12 · 14"),
        ("Todoist: قبل دقيقتين", "\u200fTodoist: قبل دقيقتين"),
        ("/home/ada", "\u200f\u2068/home/ada\u2069"),
        ("\u200f\u2068Call Ana\u2069", "\u200f\u2068Call Ana\u2069"),
    ],
)
def test_in_arabic_it_reads_from_right_to_left(text: str, line: str) -> None:
    assert whole_line(text) == line
