"""Titles as one line of plain text: marks off, look-alikes kept, nothing invisible left."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oo_desktop.connectors.plain_text import MAX_KEPT_TITLE, clean, without_markdown


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Call **Ana** about [offer](https://example.com)", "Call Ana about offer"),
        ("*it* _it_ **b** __b__ ***bi*** ~~s~~", "it it b b bi s"),
        ("**bold *italic* bold**", "bold italic bold"),
        ("**[link](https://x.org/_y_)**", "link"),
        ("`co*d*e` and **`x`**", "co*d*e and x"),
        ("``two``", "two"),
        ("# Heading", "Heading"),
        ("one\r\n## two\n\nthree", "one two three"),
        ("![alt](https://x.org/i.png)", "alt"),
        ("[![alt](https://x.org/i.png)](https://x.org)", "alt"),
        ("[wiki](https://en.wikipedia.org/wiki/A_(b)) page", "wiki page"),
        ('[x](https://x.org "title")', "x"),
        ("[](https://x.org)", "https://x.org"),
        ("<https://x.org/a_b_c>", "https://x.org/a_b_c"),
        (r"\*not italic\* and \[no\](link)", "*not italic* and [no](link)"),
        ("  much \t room  ", "much room"),
    ],
)
def test_marks_are_taken_off(markdown: str, text: str) -> None:
    assert without_markdown(markdown) == text


@pytest.mark.parametrize(
    "text",
    [
        "snake_case and other_snake_case",
        "fix __init__.py and __main__()",
        "2 * 3 * 4",
        "2*3*4",
        "a * b",
        "* * *",
        "**",
        "~~",
        "_",
        "__",
        "C# and F#",
        "#hashtag",
        "call f[x](y)",
        "[ ] a box",
        "https://x.org/_a_/b_c_?d=*e*",
        "5 < 6 && 7 > 6",
        "<b>no markup</b> &amp; no entity",
        "100 %",
        "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 مرحبا שלום",
    ],
)
def test_what_only_looks_like_a_mark_is_kept(text: str) -> None:
    assert without_markdown(text) == text


@pytest.mark.parametrize(
    ("hostile", "text"),
    [
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("pay\u202egnp.exe", "paygnp.exe"),
        ("\u2066isolate\u2069", "isolate"),
        ("a\u2028b\u2029c\x85d\x0be", "a b c d e"),
        ("\ufefftext", "text"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("\x000\x00 **x**", "0 x"),
        ("\x00", ""),
    ],
)
def test_what_cannot_or_must_not_be_shown_is_removed(hostile: str, text: str) -> None:
    assert without_markdown(hostile) == text


def test_a_long_title_is_cut_where_everybody_can_see_it() -> None:
    assert without_markdown("x" * MAX_KEPT_TITLE) == "x" * MAX_KEPT_TITLE
    assert without_markdown("x" * (MAX_KEPT_TITLE + 1)) == "x" * (MAX_KEPT_TITLE - 1) + "…"
    assert clean("abc def", longest=5) == "abc…"


PIECES = [*"ab1 _*~`[]()<>!#\\:/.\n\x00\u202e\ud800", "https://", "__", "**", "](/"]
MARKED = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(text=MARKED | st.text(alphabet=st.characters(), max_size=200))
@example("\x00" * 9 + "`a`")
def test_what_comes_out_is_one_bounded_line_of_visible_text(text: str) -> None:
    shown = without_markdown(text)
    assert len(shown) <= MAX_KEPT_TITLE
    assert shown == " ".join(shown.split())
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
    shown.encode()


@given(text=MARKED)
def test_nothing_is_made_up(text: str) -> None:
    left = iter(text.replace("\ud800", "\ufffd").replace("\n", " "))
    assert all(character in left for character in without_markdown(text))


WORD = st.text(alphabet="abcXYZ019äß", min_size=1, max_size=8)


@given(words=st.lists(WORD, min_size=1, max_size=6), data=st.data())
def test_marking_words_changes_nothing(words: list[str], data: st.DataObject) -> None:
    marks = ("{}", "**{}**", "*{}*", "_{}_", "__{}__", "~~{}~~", "`{}`", "[{}](https://x.org/a_b)")
    marked = " ".join(data.draw(st.sampled_from(marks)).format(word) for word in words)
    assert without_markdown(marked) == " ".join(words)


@given(parts=st.lists(WORD, min_size=2, max_size=5), glue=st.sampled_from("_*"))
def test_marks_inside_a_word_are_part_of_it(parts: list[str], glue: str) -> None:
    text = glue.join(parts)
    assert without_markdown(text) == text
