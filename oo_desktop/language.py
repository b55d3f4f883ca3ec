"""Says every sentence that a person sees in their language: the one catalogue there is.

GNU gettext's files, and not Qt's: the texts of the tray, the command line and the D-Bus service are
made by modules without Qt, and the command line does not load it. English is the language of the
code, so that a sentence is found where it is said, and what no catalogue has is shown in English.

    translated("Offline since {time}", time=…)        one sentence; the values are put in afterwards
    plural("{count} task", "{count} tasks", count)    a language may have up to six forms of these
    in_context("menu", "Open")                        one English text that others tell apart
    untranslated("Remind of tasks")                   marks a constant; `translated(it)` shows it

`make languages` collects what is marked into `resources/languages/*/LC_MESSAGES/oo-desktop.po`;
what runs reads the `.mo` files that are made of those where oO is installed.

What a program reads (JSON, names on the bus) and what stands in the log is English for everyone.
"""

from __future__ import annotations

import locale
import os
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from gettext import NullTranslations

ENGLISH = "en"
"""The language of the code, which needs no catalogue."""

LANGUAGES: Mapping[str, str] = {
    ENGLISH: "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "ar": "العربية",
}
"""The languages there are, by their code (ISO 639), as each calls itself."""

RIGHT_TO_LEFT = frozenset({"ar"})
"""Those that are written from right to left."""

DOMAIN = "oo-desktop"
"""The name of the files of a catalogue."""


class Formats:
    """Says how a person writes times, whatever their language.

    hours_12: `9:40 PM`, not `21:40`. month_first: `Nov 20`, not `20 Nov`; counts in English alone.
    """

    def __init__(self, *, hours_12: bool = False, month_first: bool = False) -> None:
        self.hours_12 = hours_12
        self.month_first = month_first


class _AsWritten:
    """Says everything as it was written, as `gettext.NullTranslations` does: whoever reads English
    need not wait until `gettext` is imported."""

    def gettext(self, message: str) -> str:
        return message

    def pgettext(self, _context: str, message: str) -> str:
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return msgid1 if n == 1 else msgid2


class _Chosen:
    """Holds what this process speaks; there is one person before it."""

    code = ENGLISH
    catalogue: _AsWritten | NullTranslations = _AsWritten()
    formats = Formats()


def use(code: str, folder: str | os.PathLike[str], formats: Formats | None = None) -> None:
    """Say everything from now on in the language `code`; English where there is no such catalogue.

    folder: of the catalogues. formats: left off: as they were.
    """
    known = code if code in LANGUAGES else ENGLISH
    use_catalogue(known, _AsWritten() if known == ENGLISH else _catalogue(known, folder))
    if formats is not None:
        _Chosen.formats = formats


def _catalogue(code: str, folder: str | os.PathLike[str]) -> _AsWritten | NullTranslations:
    from gettext import translation

    try:
        return translation(DOMAIN, folder, [code])
    except OSError:  # a checkout in which nothing was built; or none that can be read
        return _AsWritten()


def use_catalogue(code: str, catalogue: _AsWritten | NullTranslations) -> None:
    """Say everything from now on as `catalogue` has it."""
    _Chosen.code, _Chosen.catalogue = code, catalogue


def code() -> str:
    """Return the code of the language that is spoken: `de`."""
    return _Chosen.code


def formats() -> Formats:
    """Return how times are written."""
    return _Chosen.formats


def is_right_to_left() -> bool:
    """Return whether the language that is spoken is written from right to left."""
    return _Chosen.code in RIGHT_TO_LEFT


def translated(text: str, /, **values: object) -> str:
    """Return `text` in the person's language, with `values` in the place of its braces."""
    return _filled(_Chosen.catalogue.gettext(text) if text else "", values)


def plural(one: str, several: str, count: int, /, **values: object) -> str:
    """Return the form of a sentence for `count` things; `{count}` in it is that number."""
    return _filled(_Chosen.catalogue.ngettext(one, several, count), {"count": count, **values})


def in_context(context: str, text: str, /, **values: object) -> str:
    """Return `text` as it is said in one place, which only translators see named."""
    return _filled(_Chosen.catalogue.pgettext(context, text), values)


def untranslated(text: str) -> str:
    """Return `text` as it is: it is marked for the catalogue, and translated where it is shown."""
    return text


def untranslated_forms(one: str, several: str) -> tuple[str, str]:
    """Return both texts as they are: they are marked, and `plural(*they, count)` shows one."""
    return one, several


def _filled(text: str, values: Mapping[str, object]) -> str:
    return text.format_map(values) if values else text


def language_of(environment: Mapping[str, str] = os.environ) -> str:
    """Return the code of the first language that a person's session asks for and oO has.

    As GNU gettext looks (its manual, "The LANGUAGE variable"): LANGUAGE, a list, then LC_ALL,
    LC_MESSAGES, LANG; the first counts for nothing where the others say C. English ends the search,
    though it has no catalogue: `en:de` is not German.
    """
    names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    session = next((name for name in names if name), "C")
    if _code_of(session) in {"c", "posix"}:
        return ENGLISH
    for name in [*environment.get("LANGUAGE", "").split(":"), session]:
        if (wanted := _code_of(name)) in LANGUAGES:
            return wanted
    return ENGLISH


def _code_of(name: str) -> str:
    """`de` for `de_AT.UTF-8@euro`."""
    for mark in "@._":
        name = name.partition(mark)[0]
    return name.lower()


def formats_of_session() -> Formats:
    """Return how times are written in this session: LC_TIME, or what stands in for it.

    Changes the categories LC_TIME and LC_MESSAGES of this process to the session's: of the first
    nothing in oO reads but this, with the second the operating system's own reasons ("No space left
    on device") come in the person's language. Where the session's locale is not installed, nothing
    is known, and hours are counted to 24.
    """
    if sys.platform == "win32":  # it does not tell
        return Formats()
    try:
        locale.setlocale(locale.LC_MESSAGES, "")
        name = locale.setlocale(locale.LC_TIME, "")
    except locale.Error:
        return Formats()
    if _code_of(name) in {"c", "posix"}:  # its formats are nobody's: month/day, and 24 hours
        return Formats()
    return formats_like(locale.nl_langinfo(locale.T_FMT), locale.nl_langinfo(locale.D_FMT))


def formats_like(time: str, date: str) -> Formats:
    """Return what two formats of strftime(3) say: `%r` and `%m/%d/%Y` are those of the USA."""
    hours_12 = any(each in time for each in ("%r", "%I", "%l", "%p", "%P"))
    order = re.findall(r"%[-_0^]?([mbBhdeYyG])", date.replace("%D", "%m/%d/%y"))
    return Formats(hours_12=hours_12, month_first=order[:1] in (["m"], ["b"], ["B"], ["h"]))
