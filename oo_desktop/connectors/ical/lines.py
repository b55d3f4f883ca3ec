"""The lines of a calendar, and the components they make up (RFC 5545, sections 3.1 and 3.4).

Written by anyone, up to 20 MB: it is read in pieces, only properties that oO looks at are kept, and
whatever is broken costs the component it is in and no other. (icalendar and ical build the whole
tree first; one alarm without a description, and ical has no calendar at all.)
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from oo_desktop.connectors.ical.pacing import Pace

CHUNK = 16_384
"""Bytes looked at between two rests."""

LONGEST_LINE = 262_144
"""Bytes of one line, unfolded. Only pictures that somebody attached are longer."""

MOST_PROPERTIES = 5_000
"""Of one component: a long list of EXDATE is some hundred."""

_TAKEN = 16_384
"""Characters of one value. Only descriptions are longer: they are looked through for links."""

_DEEPEST = 4

_FOLD = re.compile(rb"\r?\n[ \t]")
_NAME = re.compile(r"[A-Za-z0-9-]{1,60}+")
_PARAMETER = re.compile(r';([A-Za-z0-9-]{1,60})=("[^"]*"|[^";:,]*)((?:,(?:"[^"]*"|[^";:,]*))*+)')


class Property(NamedTuple):
    """One property, as written. Names are upper case, values of parameters without quotes."""

    parameters: dict[str, str]
    value: str


class Part:
    """A component: its properties by name, and the components in it. broken: it cannot be used."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.properties: dict[str, list[Property]] = {}
        self.parts: list[Part] = []
        self.broken = False
        self._size = 0

    def add(self, name: str, found: Property | None) -> None:
        """found: None for a line that makes no sense."""
        self._size += 1
        if found is None or self._size > MOST_PROPERTIES:
            self.broken = True
        else:
            self.properties.setdefault(name, []).append(found)

    def add_part(self, part: "Part") -> None:
        self._size += 1
        if self._size > MOST_PROPERTIES:
            self.broken = True
        else:
            self.parts.append(part)

    def all(self, name: str) -> list[Property]:
        return self.properties.get(name, [])

    def first(self, name: str) -> Property | None:
        found = self.all(name)
        return found[0] if found else None

    def value(self, *names: str) -> str | None:
        """The value of the first of these properties that is there."""
        for name in names:
            if found := self.first(name):
                return found.value
        return None


def parts(
    body: bytes,
    wanted: frozenset[str],
    pace: Pace,
    *,
    welcome: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Part]:
    """The components of a calendar one by one, and last each VCALENDAR with its own properties.

    wanted: the properties to keep. A VCALENDAR that does not end is broken.
    welcome: others, kept where they have this value (in small letters). Those that cannot be read
        break nothing: there may be thousands, and what they say of others is no concern of oO's.
    """
    stack: list[Part] = []
    for line in _lines(body, pace):
        name = _name(line)
        if name == b"BEGIN":
            yield from _begun(stack, _component(line))
        elif name == b"END":
            yield from _ended(stack, _component(line))
        elif stack and (text := name.decode("ascii", "replace")) in wanted:
            stack[-1].add(text, _property(line))
        elif stack and text in welcome:
            found = _property(line)
            if found is not None and found.value.strip().lower() == welcome[text]:
                stack[-1].add(text, found)
    if stack:
        stack[0].broken = True
        yield stack[0]


def _begun(stack: list[Part], name: str) -> Iterator[Part]:
    """An event cannot begin within another component: the END of that one is missing."""
    if name in ("VEVENT", "VTIMEZONE") and len(stack) > 1:
        lost = stack[1]
        del stack[1:]
        lost.broken = True
        yield lost
    if len(stack) < _DEEPEST:
        stack.append(Part(name))


def _ended(stack: list[Part], name: str) -> Iterator[Part]:
    if name not in [part.name for part in stack]:
        return
    while stack:
        part = stack.pop()
        complete = part.name == name
        part.broken = part.broken or not complete
        if not stack or stack[-1].name == "VCALENDAR":
            yield part
        else:
            stack[-1].add_part(part)
            stack[-1].broken = stack[-1].broken or not complete
        if complete:
            return


def _name(line: bytes) -> bytes:
    end = len(line)
    for mark in (b":", b";"):
        at = line.find(mark, 0, 61)
        if at >= 0:
            end = min(end, at)
    return line[:end].strip().upper()


def _component(line: bytes) -> str:
    return line.partition(b":")[2][:60].strip().upper().decode("ascii", "replace")


def _property(line: bytes) -> Property | None:
    text = line.decode("utf-8", "replace").lstrip()
    name = _NAME.match(text)
    at = name.end() if name else 0
    parameters = {}
    while found := _PARAMETER.match(text, at):
        parameters[found[1].upper()] = found[2].strip('"')
        at = found.end()
    if text[at : at + 1] != ":":
        return None
    return Property(parameters, text[at + 1 : at + 1 + _TAKEN])


def _lines(body: bytes, pace: Pace) -> Iterator[bytes]:
    """Unfolded lines. Folded before it is decoded: folds may stand within a character."""
    start = 3 if body.startswith(b"\xef\xbb\xbf") else 0
    while start < len(body):
        end = _cut(body, start)
        piece = body[start:end]
        if b"\n " in piece or b"\n\t" in piece:
            piece = _FOLD.sub(b"", piece)
        pace.step()
        for number, line in enumerate(piece.split(b"\n")):
            if number % 8 == 0:
                pace.step()
            yield line.rstrip(b"\r")
        start = end


def _cut(body: bytes, start: int) -> int:
    """Where a piece may end: after a line that is not folded, or where that never comes."""
    last = start + LONGEST_LINE
    at = start + CHUNK
    while at < last:
        at = body.find(b"\n", at, last) + 1
        if at == 0:
            break
        if body[at : at + 1] not in (b" ", b"\t"):
            return at
    return min(last, len(body))
