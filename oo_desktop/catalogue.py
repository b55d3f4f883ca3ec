"""Reads the file of a language: GNU gettext's, as its manual has it ("The Format of GNU MO Files").

Python's `gettext` decodes and keeps every sentence, which takes as long as half a command; here
only what is said is decoded.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Catalogue:
    """Says in one language what was written in English; it is asked as a catalogue of `gettext` is.

    data: what the file holds; empty: everything is said as it was written.
    """

    def __init__(self, data: bytes = b"") -> None:
        self._texts = dict(_texts(data)) if data else {}
        self._form: Callable[[int], int] | None = None

    def gettext(self, message: str) -> str:
        """Return what a sentence is in the language."""
        return self._said(message) or message

    def pgettext(self, context: str, message: str) -> str:
        """Return what a text is in one place, its context."""
        return self._said(f"{context}\x04{message}") or message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form of a sentence for `n` things."""
        forms = self._said(f"{msgid1}\0{msgid2}")
        if not forms:
            return msgid1 if n == 1 else msgid2
        if self._form is None:
            self._form = _rule(self._said(""))
        return forms.split("\0")[self._form(n)]

    def _said(self, key: str) -> str:
        return self._texts.get(key.encode(), b"").decode()


def _texts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every text with its translation. The file is of the byte order that oO's wheels have."""
    _magic, _revision, count, originals, translations = struct.unpack_from("<5I", data)
    return zip(_strings(data, originals, count), _strings(data, translations, count), strict=True)


def _strings(data: bytes, table: int, count: int) -> Iterator[bytes]:
    for length, start in struct.iter_unpack("<2I", data[table : table + 8 * count]):
        yield data[start : start + length]


def _rule(header: str) -> Callable[[int], int]:
    """Which form is for how many, as the line `Plural-Forms` of the header says."""
    from gettext import c2py  # it takes time, and much of what is said counts nothing

    return c2py(header.partition("plural=")[2].partition(";")[0])
