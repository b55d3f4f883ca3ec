"""Reduce what a service sends to one line of plain text, as a menu or notification can show it.

It is data: it may hold markup, control characters, or characters that turn the reading direction
around and make a title look like something else. What comes out has none of these, one line, and a
bounded length.

There is no Markdown parser here. `without_markdown` drops the marks of what Todoist renders in a
task's name (bold, italics, strike, code, links, images, headings) where they pair up, and leaves
what only looks like one: `snake_case`, `2 * 3 * 4`, a lone asterisk. Every pattern takes time
proportional to its text.
"""

import re
from collections.abc import Callable

MAX_KEPT_TITLE = 500
"""Characters of a title that are kept; Todoist itself takes 500."""

_MAX_LOOKED_AT = 4 * MAX_KEPT_TITLE
"""Characters looked at: marks and link targets take room that the result does not."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters that are no white space
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates of the reading direction
    "\ufeff\ufff9-\ufffb\ufffe\uffff]"  # byte order mark, annotations, noncharacters
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKS = re.compile(r"[\\`*_~\[<#]")

_CODE_OR_ESCAPE = re.compile(r"(?<!`)(`++)([^`]++)\1(?!`)|\\([!-/:-@\[-`{-~])")
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]+", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]]*+)\]\(((?:[^()]|\([^()]*+\))*)\)")
_LINK_TARGET = re.compile("[:/.#\x00]")
_WEB_ADDRESS = re.compile(r"<(https?://[^\s<>]++)>|(https?://[^\s<>]++)")
_EMPHASIS = (
    re.compile(r"~~(?=[^\s~])([^~]++)(?<=\S)~~"),
    re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]++)(?<=\S)\*(?![\w*])"),
    re.compile(r"\*\*(?=[^\s*])([^*]++)(?<=\S)\*\*"),
    re.compile(r"(?<![\w_])_(?=[^\s_])([^_]++)(?<=\S)_(?![\w_])"),
    # Bold, but for names such as __init__.py and __init__(): many more people mean those.
    re.compile(r"(?<!\w)__(?=[^\s_])((?:[^_]|(?<=[^\W_])_(?=[^\W_]))+)(?<=\S)__(?!\w|\.\w|\()"),
)
_STANDS_FOR_KEPT = re.compile("\x00([0-9]+)\x00")

_MAX_NESTED_MARKS = 4
"""How many marks around one another are taken off."""


def without_markdown(text: str, *, longest: int = MAX_KEPT_TITLE) -> str:
    """Return `text` without Markdown, invisible characters and line breaks; may be empty.

    longest: characters; what is cut ends with “…”.
    """
    text = clean(text[:_MAX_LOOKED_AT], longest=_MAX_LOOKED_AT, one_line=False)
    if _MARKS.search(text):
        text = _without_marks(text)
    return _shortened(" ".join(text.split()), longest)


def clean(text: str, *, longest: int = MAX_KEPT_TITLE, one_line: bool = True) -> str:
    """Return `text` as it is, but for what cannot or must not be shown; may be empty.

    longest: as above. one_line: also without line breaks, and with one space for many.
    """
    text = _SURROGATE.sub("\ufffd", _UNSEEN.sub("", text))
    return _shortened(" ".join(text.split()) if one_line else text, longest)


def _without_marks(text: str) -> str:
    kept: list[str] = []

    def keep(literal: str) -> str:
        # NUL cannot be in the text any more, so it can stand for what must stay as it is.
        kept.append(literal)
        return f"\x00{len(kept) - 1}\x00"

    text = _CODE_OR_ESCAPE.sub(lambda found: keep(found[2] or found[3]), text)
    text = _HEADING.sub("", text)
    text = _repeated(text, lambda text: _LINK.sub(_label, text))
    text = _WEB_ADDRESS.sub(lambda found: keep(found[1] or found[2]), text)
    text = _repeated(text, _without_emphasis)
    # An address may hold an escape, and so a kept text another one.
    return _repeated(
        text, lambda text: _STANDS_FOR_KEPT.sub(lambda found: kept[int(found[1])], text)
    )


def _label(link: "re.Match[str]") -> str:
    if not _LINK_TARGET.search(link[2]):
        return link[0]  # such as f[x](y)
    return link[1] if link[1].strip() else link[2]


def _without_emphasis(text: str) -> str:
    for pattern in _EMPHASIS:
        text = pattern.sub(r"\1", text)
    return text


def _repeated(text: str, change: Callable[[str], str]) -> str:
    for _ in range(_MAX_NESTED_MARKS):
        text, before = change(text), text
        if text == before:
            break
    return text


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
