"""Change single lines of what holds calendar components; all else stays the same, byte for byte.

A resource belongs to many programs. Reading it into values and writing it anew would lose what this
one does not know, so it is taken apart into the lines as they are written, and put together again:
folding, order, line ends, letters, X- properties, alarms, a missing last line end.

| the bytes | are |
|---|---|
| lines from BEGIN to END, whatever their letters | a component, in the one that is open |
| a line and those after it that begin with a space or a tab | one line (RFC 5545, section 3.1) |
| a line anywhere that says nothing | kept where it is |
| an END that is missing or too much; nothing that begins | not fit to be changed: `NotEditable` |

A new line is folded at 75 bytes, never within a character, and ends as its component's first does.
What says something twice that can only be said once says it once after it was changed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from oo_desktop.connectors.icalendar.pacing import Pacer

MAX_LINES = 200_000
"""Of one resource, unfolded."""

MAX_DEPTH = 10
"""Components within one another."""

_LINE_BYTES = 75
_MAX_NAME = 61
_MAX_CHARACTER_BYTES = 4

_LOGICAL_LINE = re.compile(rb"[^\n]*+(?:\n[ \t][^\n]*+)*+\n?")
_FOLD = re.compile(rb"\r?\n[ \t]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NAME = re.compile(r"\s*([A-Za-z0-9-]+)")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*+"|[^";:])*+)')


class NotEditable(Exception):
    """Says that a resource, or a line, is not written so that it could be changed safely."""


class _Line(NamedTuple):
    name: str
    raw: bytes

    def text(self) -> str:
        return _text(self.raw)


def _text(raw: bytes) -> str:
    """A line unfolded. What is not UTF-8 is kept, too."""
    return _FOLD.sub(b"", raw).rstrip(b"\r\n").decode("utf-8", "surrogateescape")


class Written:
    """Holds a component as it is written: its lines, and the components in it.

    The resource itself is one without a name. Lines are named by their property, in capitals.
    """

    def __init__(
        self, name: str, begin: bytes, inner: "Iterable[_Line | Written]", end: bytes
    ) -> None:
        self.name = name
        self._begin = begin
        self._inner = list(inner)
        self._end = end

    def __bytes__(self) -> bytes:
        """Return it as it is written."""
        inner = (each.raw if isinstance(each, _Line) else bytes(each) for each in self._inner)
        return b"".join([self._begin, *inner, self._end])

    def copy(self) -> "Written":
        """Return another that is the same."""
        inner = (each if isinstance(each, _Line) else each.copy() for each in self._inner)
        return Written(self.name, self._begin, inner, self._end)

    def text(self) -> str:
        """Return it unfolded."""
        return _text(bytes(self))

    def components(self, *names: str) -> "list[Written]":
        """Return the components of these names in it, as they come; without names, all."""
        inner = (each for each in self._inner if isinstance(each, Written))
        return [each for each in inner if not names or each.name in names]

    def lines(self, *names: str) -> list[str]:
        """Return the lines of these properties, unfolded, as they come; without names, of all."""
        return [
            each.text()
            for each in self._inner
            if isinstance(each, _Line) and (each.name in names if names else each.name)
        ]

    def line(self, name: str) -> str | None:
        """Return the first line of a property, unfolded; None where there is none."""
        return next(iter(self.lines(name)), None)

    def put(self, line: str) -> None:
        """Write `line`, unfolded, in the place of the property of that name, or after the others.

        Raises NotEditable for what is no line of a property.
        """
        new = self._new(line)
        if self.line(new.name) == line:
            return
        at = next(self._places(new.name), None)
        if at is None:
            at = next(
                (n for n, each in enumerate(self._inner) if isinstance(each, Written)),
                len(self._inner),
            )
            self._inner.insert(at, new)
            return
        self._inner[at] = new
        for other in reversed(list(self._places(new.name))[1:]):
            del self._inner[other]

    def rewrite(self, name: str, change: Callable[[str], str]) -> None:
        """Write each line of a property as `change` has it. Raises NotEditable as `put` does."""
        for at in self._places(name):
            old = self._inner[at]
            if isinstance(old, _Line) and (line := change(old.text())) != old.text():
                self._inner[at] = self._new(line)

    def remove(self, *names: str) -> None:
        """Take all lines of these properties out."""
        self._inner = [
            each for each in self._inner if isinstance(each, Written) or each.name not in names
        ]

    def add_after(self, component: "Written", new: "Written") -> None:
        """Put the component `new` after `component`, which is in it."""
        self._inner.insert(self._inner.index(component) + 1, new)

    def take_out(self, component: "Written") -> None:
        """Take a component out that is in it."""
        self._inner.remove(component)

    def _places(self, name: str) -> Iterator[int]:
        for number, each in enumerate(self._inner):
            if isinstance(each, _Line) and each.name == name:
                yield number

    def _new(self, line: str) -> _Line:
        name = _NAME.match(line)
        if name is None or line[name.end() : name.end() + 1] not in (":", ";"):
            raise NotEditable
        if name[1].upper() in ("BEGIN", "END") or _CONTROL.search(line):
            raise NotEditable
        end = b"\r\n" if self._begin.endswith(b"\r\n") else b"\n"
        return _Line(name[1].upper(), folded(line, end))


class _Open(NamedTuple):
    """A component of which the end is still to come."""

    name: str
    begin: bytes
    inner: list[_Line | Written]


def parse(body: bytes, pacer: Pacer) -> Written:
    """Return a resource as it is written. Raises NotEditable and TooMuchWork."""
    outer = _Open("", b"", [])
    opened = [outer]
    for number, found in enumerate(_LOGICAL_LINE.finditer(body)):
        if number > MAX_LINES:
            raise NotEditable
        if number % 8 == 0:
            pacer.step()
        raw = found[0]
        name, value = _name_and_value(raw)
        if name == "BEGIN":
            opened.append(_Open(value, raw, []))
            if len(opened) > MAX_DEPTH:
                raise NotEditable
        elif name == "END":
            done = opened.pop()
            if not opened or done.name != value:
                raise NotEditable
            opened[-1].inner.append(Written(*done, raw))
        else:
            opened[-1].inner.append(_Line(name, raw))
    root = Written(*outer, b"")
    if len(opened) != 1 or not root.components("VCALENDAR"):
        raise NotEditable
    return root


def _name_and_value(raw: bytes) -> tuple[str, str]:
    """The name of a line in capitals, and what BEGIN and END say."""
    head = _FOLD.sub(b"", raw[: _MAX_NAME * 4]).removeprefix(_BYTE_ORDER_MARK)[:_MAX_NAME]
    name, colon, _ = head.partition(b":")
    name = name.partition(b";")[0].strip().upper()
    if not colon and b";" not in head:
        return "", ""
    text = name.decode("ascii", "replace")
    if text not in ("BEGIN", "END"):
        return text, ""
    value = _FOLD.sub(b"", raw).partition(b":")[2]
    return text, value[:_MAX_NAME].strip().upper().decode("ascii", "replace")


def folded(line: str, end: bytes) -> bytes:
    """Return `line` as it is written (RFC 5545, section 3.1). end: what each line ends with."""
    rest = line.encode("utf-8", "surrogateescape")
    pieces = []
    size = _LINE_BYTES
    while len(rest) > size:
        at = size
        while at > size - _MAX_CHARACTER_BYTES and rest[at] & 0xC0 == 0x80:
            at -= 1
        pieces.append(rest[:at])
        rest = rest[at:]
        size = _LINE_BYTES - 1  # a space begins all others
    return (end + b" ").join([*pieces, rest]) + end


# One line


def split_line(line: str) -> tuple[str, list[tuple[str, str]], str]:
    """Return the name of a line, its parameters as they are written, and its value.

    Raises NotEditable where its parameters make no sense.
    """
    name = _NAME.match(line)
    if name is None:
        raise NotEditable
    at = name.end()
    parameters = []
    while found := _PARAMETER.match(line, at):
        parameters.append((found[1], found[2]))
        at = found.end()
    if line[at : at + 1] != ":":
        raise NotEditable
    return name[0], parameters, line[at + 1 :]


def with_value(line: str, value: str) -> str:
    """Return `line` with another value: its parameters stay. Raises NotEditable."""
    _, _, old = split_line(line)
    return line[: len(line) - len(old)] + value


def with_parameter(line: str, name: str, value: str | None) -> str:
    """Return `line` with a parameter set, in its place or last; None: without it.

    Raises NotEditable.
    """
    head, parameters, rest = split_line(line)
    kept = []
    for key, old in parameters:
        if key.upper() != name:
            kept.append((key, old))
        elif value is not None:
            kept.append((key, value))
            value = None
    if value is not None:
        kept.append((name, value))
    return f"{head}{''.join(f';{key}={each}' for key, each in kept)}:{rest}"
