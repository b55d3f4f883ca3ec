"""Read the lines of a calendar, and the components they make up (RFC 5545, sections 3.1 and 3.4).

Written by anyone, up to 20 MB: it is read in pieces, only properties that oO looks at are kept, and
whatever is broken costs itself alone. (icalendar and ical build the whole tree first; one alarm
without a description, and ical has no calendar at all.)

| the bytes | are read as |
|---|---|
| behind a byte order mark, or beginning as UTF-16 does without one | that |
| not ASCII, but UTF-8 all through | UTF-8: many servers name the charset of their pages |
| said to be in a charset that Python knows (section 3.1.4) | that; iso-8859-1 as windows-1252 |
| anything else | UTF-8; a line in which nothing is UTF-8, as windows-1252 |

| a line | is |
|---|---|
| whose parameters hold escaped quotes, as npm's ics writes names | what it was meant to be |
| with a TZID that needs quotes and has none | a property whose value follows the last colon |
| of an address, with parameters that make no sense | a property whose value is at `mailto:` |
| with other parameters that make no sense | a property whose value follows the first colon |
| without a colon | a property that cannot be read |
| whose name is not in capitals | after those that are: it may be somebody's text |
| BEGIN of what never ends | as if it were not there: that may be somebody's text, too |

What a property says is read by `Component.read` and `read_all` alone, so there is one way in which
that fails: `Unreadable`, with the name of what cannot be read and nothing of what it says.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar
from urllib.parse import unquote

from oo_desktop.connectors.icalendar.pacing import Pacer

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

_MAX_PARAMETERS = 2_000
"""Characters before the value that are looked at where they make no sense."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"B\0", "utf-16-le"),
    (b"\0B", "utf-16-be"),
)
_CHARSETS = re.compile(
    r"ascii|utf-(?:8|16|32)(?:-[bl]e)?|(?:iso8859|iso2022_|cp|koi8|mac|gb|big5|euc|shift_jis|tis)"
    r"[a-z0-9_-]*"
)
"""As Python calls them: none that is an encoding of something else than texts."""

_FOLD = re.compile(rb"\r?\n[ \t]")
_PROPERTY_NAME = re.compile(r"[A-Za-z0-9-]{1,60}+")
_PARAMETER = re.compile(r';([A-Za-z0-9-]{1,60})=("[^"]*"|[^";:,]*)((?:,(?:"[^"]*"|[^";:,]*))*+)')
_QUOTED = r'(?:"(?:[^"\\]|\\.)*+"|[^";:,]*+)'
_ESCAPED_PARAMETER = re.compile(rf";([A-Za-z0-9-]{{1,60}})=({_QUOTED})((?:,{_QUOTED})*+)")
_TORN_PARAMETER = re.compile(
    r";(EMAIL|PARTSTAT|RANGE|RELATED|TZID|VALUE)=(.*?)(?=;[A-Za-z0-9-]{1,60}+=|$)", re.IGNORECASE
)
_MAILTO = re.compile(r".*:(?=mailto:)", re.IGNORECASE)
_ON_A_HOST = re.compile(r"https?://[^/]*+")
_NEEDS_QUOTES = re.compile("[,;:]")


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

    unreadable: the properties of which a line makes no sense.
    doubtful: of how many it is doubtful whether they are any; they are the last of their name.
    broken: its end is missing, or it is too large: it cannot be used.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.properties: dict[str, list[Property]] = {}
        self.components: list[Component] = []
        self.unreadable: set[str] = set()
        self.broken = False
        self._size = 0
        self.doubtful: dict[str, int] = {}

    def add(self, name: str, found: Property | None, *, doubtful: bool = False) -> None:
        """Add a property; None for a line that makes no sense.

        doubtful: it may be none, and comes after those that are one.
        """
        self._size += 1
        if self._size > MAX_PROPERTIES:
            self.broken = True
        elif found is None:
            self.unreadable.add(name)
        elif not (doubtful or self.doubtful):  # nearly always
            self.properties.setdefault(name, []).append(found)
        else:
            same = self.properties.setdefault(name, [])
            after = self.doubtful.get(name, 0)
            if doubtful:
                self.doubtful[name] = after + 1
                after = 0
            same.insert(len(same) - after, found)

    def add_component(self, inner: "Component") -> None:
        """Add a component that has ended."""
        self._size += 1
        if self._size > MAX_PROPERTIES:
            self.broken = True
        else:
            self.components.append(inner)

    def take_over(self, inner: "Component") -> None:
        """Add what was read since a component in it began that never ended: it was none."""
        for name, found in inner.properties.items():
            sure = len(found) - inner.doubtful.get(name, 0)
            for number, each in enumerate(found):
                self.add(name, each, doubtful=number >= sure)
        for each_inner in inner.components:
            self.add_component(each_inner)
        self.unreadable |= inner.unreadable
        self.broken = self.broken or inner.broken

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
        """Return what `reader` makes of the first property of that name it can read; None where
        there is none, or all of them are empty.

        reader: raises ValueError or OverflowError for what makes no sense.
        Raises Unreadable where it makes nothing of any.
        """
        unreadable = bool(self.unreadable) and name in self.unreadable
        for found in self.properties.get(name, ()):
            try:
                return reader(found)
            except (ValueError, OverflowError):
                unreadable = unreadable or bool(found.value.strip())
        if unreadable:
            raise Unreadable(name)
        return None

    def required(self, name: str, reader: Callable[[Property], T]) -> T:
        """Return what `read` does. Raises Unreadable also where there is no such property."""
        found = self.read(name, reader)
        if found is None:
            raise Unreadable(name)
        return found

    def read_each(self, name: str, reader: Callable[[Property], T]) -> tuple[list[T], bool]:
        """Return what `reader` makes of each property of that name, and whether it can read them
        all. Empty ones say nothing.

        reader: as that of `read`.
        """
        unreadable = bool(self.unreadable) and name in self.unreadable
        read = []
        for found in self.properties.get(name, ()):
            try:
                if found.value.strip():
                    read.append(reader(found))
            except (ValueError, OverflowError):
                unreadable = True
        return read, not unreadable


def components(
    body: bytes,
    wanted: frozenset[str],
    pacer: Pacer,
    *,
    with_value: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> Iterator[Component]:
    """Yield the components of a calendar one by one, and last each VCALENDAR with its properties.

    A VCALENDAR that does not end is broken. Raises TooMuchWork.

    body: in UTF-8, as `utf8_from_body` gives it.
    wanted: the properties to keep.
    with_value: others, kept where `is_of` says that they are of one of these. There may be
        thousands, and what they say of others is no concern of oO's.
    """
    stack: list[Component] = []
    for line in _lines(body, pacer):
        name = _name(line)
        if name == b"BEGIN":
            yield from _begun(stack, _component_name(line))
        elif name == b"END":
            yield from _ended(stack, _component_name(line))
        elif stack and (text := name.decode("ascii", "replace")) in wanted:
            stack[-1].add(text, _property(line), doubtful=not line.startswith(name))
        elif stack and text in with_value:
            found = _property(line)
            if found is not None and is_of(found, with_value[text]):
                stack[-1].add(text, found)
    if stack:
        stack[0].broken = True
        yield stack[0]


def is_of(found: Property, addresses: frozenset[str]) -> bool:
    """Return whether an ATTENDEE or ORGANIZER is one of these, by its value, or its EMAIL.

    addresses: in small letters, `mailto:…` or any other URI; those of a server without their host.
    A server's own are compared without it, however they are quoted: it may be behind a proxy.
    """
    value = found.value.strip().lower()
    if value in addresses or f"mailto:{found.parameters.get('EMAIL', '').lower()}" in addresses:
        return True
    path = _ON_A_HOST.sub("", value)
    if not path.startswith("/"):
        return False
    return unquote(path).rstrip("/") in {unquote(each).rstrip("/") for each in addresses}


def content_line(name: str, found: Property) -> str:
    """Return a property as its content line, unfolded (RFC 5545, section 3.1)."""
    parameters = "".join(f";{each}={_quoted(value)}" for each, value in found.parameters.items())
    return f"{name}{parameters}:{found.value}"


def _quoted(value: str) -> str:
    return f'"{value}"' if _NEEDS_QUOTES.search(value) else value


def _begun(stack: list[Component], name: str) -> Iterator[Component]:
    """None of these can begin within another component: the END of that one is missing."""
    if name in ("VEVENT", "VTODO", "VTIMEZONE") and len(stack) > 1:
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
        if not stack or stack[-1].name == "VCALENDAR":
            component.broken = component.broken or not complete
            yield component
        elif complete:
            stack[-1].add_component(component)
        else:
            stack[-1].take_over(component)
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
    try:
        text = line.decode().lstrip()
    except UnicodeDecodeError:
        text = _guessed(line).lstrip()
    name = _PROPERTY_NAME.match(text)
    if name is None:
        return None
    begin = name.end()
    if text[begin : begin + 1] == ":":
        return Property({}, text[begin + 1 : begin + 1 + _MAX_VALUE])
    parameters, at = _parameters(text, begin, _PARAMETER)
    if text[at : at + 1] != ":":
        parameters, at = _parameters(text, begin, _ESCAPED_PARAMETER)
    value = text[at + 1 : at + 1 + _MAX_VALUE]
    if text[at : at + 1] != ":" or ("TZID" in parameters and ":" in value):
        return _torn(text, begin)
    return Property(parameters, value)


def _guessed(line: bytes) -> str:
    """The text of a line that is not in UTF-8, as the table above has it."""
    text = line.decode("utf-8", "replace")
    if not text.replace("\ufffd", "").isascii():
        return text
    return line.decode("cp1252", "replace")


def _parameters(text: str, at: int, form: re.Pattern[str]) -> tuple[dict[str, str], int]:
    """The parameters from there on, and where they end."""
    parameters = {}
    while found := form.match(text, at):
        name = found[1].upper()
        # Of several values the first is enough; but no zone has several names.
        parameters[name] = (found[2] + found[3] if name == "TZID" else found[2]).strip('"')
        at = found.end()
    return parameters, at


def _torn(text: str, begin: int) -> Property | None:
    """What a line says whose parameters make no sense, as the table above has it."""
    head = text[:_MAX_PARAMETERS]
    if ";TZID=" in head.upper():
        at = head.rfind(":", begin)
    elif address := _MAILTO.match(head, begin):
        at = address.end() - 1
    else:
        at = head.find(":", begin)
    if at < 0:
        return None
    found = _TORN_PARAMETER.findall(head[begin:at])
    parameters = {name.upper(): value.strip('"') for name, value in found}
    return Property(parameters, text[at + 1 : at + 1 + _MAX_VALUE])


def utf8_from_body(body: bytes, charset: str | None, pacer: Pacer) -> bytes:
    """Return `body` in UTF-8, without a byte order mark, as the table above has it.

    charset: what it is said to be written in. Raises TooMuchWork.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            text = body if mark[:1] in (b"B", b"\0") and len(mark) == 2 else body[len(mark) :]
            return text if name == "utf-8" else b"".join(_recoded(text, name, pacer))
    codec = _codec(charset)
    if codec in (None, "utf-8") or (_is_utf8(body, pacer) and not body.isascii()):
        return body
    return b"".join(_recoded(body, codec or "", pacer))


def _codec(charset: str | None) -> str | None:
    """What Python calls a charset; None where it does not know it."""
    try:
        name = codecs.lookup(charset or "").name
    except (LookupError, ValueError):
        return None
    if name in ("ascii", "iso8859-1"):
        return "cp1252"  # what nearly everybody means, and the same but for control characters
    if name in ("utf-16", "utf-32"):
        return f"{name}-le"  # there is no mark, and Windows writes so
    return name if _CHARSETS.fullmatch(name) else None


def _recoded(body: bytes, codec: str, pacer: Pacer) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    for start in range(0, len(body), _PIECE_BYTES):
        yield decoder.decode(body[start : start + _PIECE_BYTES]).encode()
        pacer.step()
    yield decoder.decode(b"", final=True).encode()


def _is_utf8(body: bytes, pacer: Pacer) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), _PIECE_BYTES):
            decoder.decode(body[start : start + _PIECE_BYTES])
            pacer.step()
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _lines(body: bytes, pacer: Pacer) -> Iterator[bytes]:
    """Unfolded lines. Folded before it is decoded: folds may stand within a character."""
    start = len(codecs.BOM_UTF8) if body.startswith(codecs.BOM_UTF8) else 0
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
