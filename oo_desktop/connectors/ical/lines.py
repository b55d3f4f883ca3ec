"""Read the lines of a calendar, and the components they make up (RFC 5545, sections 3.1 and 3.4).

Written by anyone, up to 20 MB: it is read in pieces, only properties that oO looks at are kept, and
whatever is broken costs the component it is in and no other. (icalendar and ical build the whole
tree first; one alarm without a description, and ical has no calendar at all.)

What a property says is read by `Component.read` and `read_all` alone, so there is one way in which
that fails: `Unreadable`, with the name of what cannot be read and nothing of what it says.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from oo_desktop.connectors.ical.pacing import Pacer

T = TypeVar("T")

MAX_PROPERTIES = 5_000
"""Of one component: a long list of EXDATE is some hundred."""

_PIECE_BYTES = 16_384
"""Bytes looked at between two rests."""

_MAX_LINE_BYTES = 262_144
"""Bytes of one line, unfolded. Only pictures that somebody attached are longer."""

_MAX_VALUE = 16_384
"""Characters of one value. Only descriptions are longer: they are looked through for links."""

_MAX_DEPTH = 4
"""Components within one another: VCALENDAR, VEVENT, VALARM, and one to spare."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FOLD = re.compile(rb"\r?\n[ \t]")
_PROPERTY_NAME = re.compile(r"[A-Za-z0-9-]{1,60}+")
_PARAMETER = re.compile(r';([A-Za-z0-9-]{1,60})=("[^"]*"|[^";:,]*)((?:,(?:"[^"]*"|[^";:,]*))*+)')


class Unreadable(ValueError):
    """Says that something of a calendar cannot be read.

    name: the property, or the component where all of it is broken.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} cannot be read")
        self.name = name


class Property(NamedTuple):
    """Holds one property, as written. Names are upper case, values of parameters without quotes."""

    parameters: dict[str, str]
    value: str


class Component:
    """Holds a component: its properties by name, and the components in it.

    broken: a line of it makes no sense, or its end is missing: it cannot be used.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.properties: dict[str, list[Property]] = {}
        self.components: list[Component] = []
        self.broken = False
        self._size = 0

    def add(self, name: str, found: Property | None) -> None:
        """Add a property; None, for a line that makes no sense, breaks the component."""
        self._size += 1
        if found is None or self._size > MAX_PROPERTIES:
            self.broken = True
        else:
            self.properties.setdefault(name, []).append(found)

    def add_component(self, inner: "Component") -> None:
        """Add a component that has ended."""
        self._size += 1
        if self._size > MAX_PROPERTIES:
            self.broken = True
        else:
            self.components.append(inner)

    def all(self, name: str) -> list[Property]:
        """Return the properties of that name, as they came."""
        return self.properties.get(name, [])

    def first(self, name: str) -> Property | None:
        """Return the first property of that name; None where there is none."""
        found = self.properties.get(name)
        return found[0] if found else None

    def value(self, *names: str) -> str:
        """Return the value of the first of these properties that is there, without the white space
        around it; empty where none is."""
        for name in names:
            if found := self.properties.get(name):
                return found[0].value.strip()
        return ""

    def read(self, name: str, reader: Callable[[Property], T]) -> T | None:
        """Return what `reader` makes of the first property of that name; None where there is none.

        reader: raises ValueError or OverflowError for what makes no sense.
        Raises Unreadable where it does.
        """
        found = self.properties.get(name)
        return _read(name, found[0], reader) if found else None

    def required(self, name: str, reader: Callable[[Property], T]) -> T:
        """Return what `read` does. Raises Unreadable also where there is no such property."""
        found = self.properties.get(name)
        if not found:
            raise Unreadable(name)
        return _read(name, found[0], reader)

    def read_all(self, name: str, reader: Callable[[Property], T]) -> list[T]:
        """Return what `reader` makes of each property of that name. Raises as `read` does."""
        return [_read(name, found, reader) for found in self.properties.get(name, ())]


def _read(name: str, found: Property, reader: Callable[[Property], T]) -> T:
    try:
        return reader(found)
    except (ValueError, OverflowError):
        raise Unreadable(name) from None


def components(
    body: bytes,
    wanted: frozenset[str],
    pacer: Pacer,
    *,
    with_value: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Component]:
    """Yield the components of a calendar one by one, and last each VCALENDAR with its properties.

    A VCALENDAR that does not end is broken. Raises TooMuchWork.

    wanted: the properties to keep.
    with_value: others, kept where they have this value (in small letters). Those that cannot be
        read break nothing: there may be thousands, and what they say of others is no concern of
        oO's.
    """
    stack: list[Component] = []
    for line in _lines(body, pacer):
        name = _name(line)
        if name == b"BEGIN":
            yield from _begun(stack, _component_name(line))
        elif name == b"END":
            yield from _ended(stack, _component_name(line))
        elif stack and (text := name.decode("ascii", "replace")) in wanted:
            stack[-1].add(text, _property(line))
        elif stack and text in with_value:
            found = _property(line)
            if found is not None and found.value.strip().lower() == with_value[text]:
                stack[-1].add(text, found)
    if stack:
        stack[0].broken = True
        yield stack[0]


def _begun(stack: list[Component], name: str) -> Iterator[Component]:
    """An event cannot begin within another component: the END of that one is missing."""
    if name in ("VEVENT", "VTIMEZONE") and len(stack) > 1:
        lost = stack[1]
        del stack[1:]
        lost.broken = True
        yield lost
    if len(stack) < _MAX_DEPTH:
        stack.append(Component(name))


def _ended(stack: list[Component], name: str) -> Iterator[Component]:
    if name not in [component.name for component in stack]:
        return
    while stack:
        component = stack.pop()
        complete = component.name == name
        component.broken = component.broken or not complete
        if not stack or stack[-1].name == "VCALENDAR":
            yield component
        else:
            stack[-1].add_component(component)
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


def _component_name(line: bytes) -> str:
    return line.partition(b":")[2][:60].strip().upper().decode("ascii", "replace")


def _property(line: bytes) -> Property | None:
    text = line.decode("utf-8", "replace").lstrip()
    name = _PROPERTY_NAME.match(text)
    at = name.end() if name else 0
    parameters = {}
    while found := _PARAMETER.match(text, at):
        parameters[found[1].upper()] = found[2].strip('"')
        at = found.end()
    if text[at : at + 1] != ":":
        return None
    return Property(parameters, text[at + 1 : at + 1 + _MAX_VALUE])


def _lines(body: bytes, pacer: Pacer) -> Iterator[bytes]:
    """Unfolded lines. Folded before it is decoded: folds may stand within a character."""
    start = len(_BYTE_ORDER_MARK) if body.startswith(_BYTE_ORDER_MARK) else 0
    while start < len(body):
        end = _piece_end(body, start)
        piece = body[start:end]
        if b"\n " in piece or b"\n\t" in piece:
            piece = _FOLD.sub(b"", piece)
        pacer.step()
        for number, line in enumerate(piece.split(b"\n")):
            if number % 8 == 0:
                pacer.step()
            yield line.rstrip(b"\r")
        start = end


def _piece_end(body: bytes, start: int) -> int:
    """Where a piece may end: after a line that is not folded, or where that never comes."""
    last = start + _MAX_LINE_BYTES
    at = start + _PIECE_BYTES
    while at < last:
        at = body.find(b"\n", at, last) + 1
        if at == 0:
            break
        if body[at : at + 1] not in (b" ", b"\t"):
            return at
    return min(last, len(body))
