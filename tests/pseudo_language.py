"""A language that nobody speaks: English with every letter marked, and longer.

What is shown of it has no plain letter but those of names and titles, so a sentence that escaped
the catalogue is seen; and it takes as much room as the longest languages do.
"""

import gettext
import re
import string
from collections.abc import Iterator
from contextlib import contextmanager

from oo_desktop import language

_PLAIN = string.ascii_letters
_MARKED = "áƀćďéƒǵħíĵķłḿńőṕɋŕśťúṽŵẋýźÁƁĆĎÉƑǴĦÍĴĶŁḾŃŐṔɊŔŚŤÚṼŴẊÝŹ"
_MARKS = str.maketrans(_PLAIN, _MARKED)
_FIELD = re.compile(r"(\{[^}]*\}|%\([a-z_]+\)[sr]|%[sr])")
LONGER = 0.35
"""By how much a text grows: German's average for short ones."""


def pseudo(text: str) -> str:
    """`text` in the language, with what is filled in where it was."""
    parts = [
        part if _FIELD.fullmatch(part) else part.translate(_MARKS) for part in _FIELD.split(text)
    ]
    return "".join(parts) + "·" * round(len(text) * LONGER)


class _Catalogue(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return pseudo(message)


@contextmanager
def pseudo_language(code: str = language.ENGLISH) -> Iterator[None]:
    """Everything is said in it inside. code: what it is read like, `ar` from right to left."""
    before = language.code()
    language.use_catalogue(code, _Catalogue())
    try:
        yield
    finally:
        language.use_catalogue(before, gettext.NullTranslations())
