"""Reads the registry of Evolution Data Server: which calendars and task lists there are.

The registry holds accounts, calendars, task lists, address books and more as sources, each a key
file of GLib (developer.gnome.org/documentation/specifications: Desktop Entry's syntax) with
translations. A source is a list of ours where it has the section of one; it hangs below an account
by `Parent`.

| a source | is |
|---|---|
| not enabled, or below one that is not (`Enabled` in `[Data Source]`) | left out |
| whose section is not enabled | left out |
| `weather` as its backend, or a memo list | left out |
| `contacts` as its backend: birthdays | offered, and not ticked |
| anything else | ticked as GNOME shows it (`Selected`) |
| without a name | called by its UID |
| of which something cannot be read | left out alone |
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from oo_desktop.connectors.desktop.wire import SOURCE_INTERFACE, is_uid
from oo_desktop.connectors.plain_text import clean

MAX_LISTS = 500

_MAX_DATA = 262_144
"""Characters of one key file: with a hundred translations it is some thousands."""

_MAX_SOURCES = 5_000
_MAX_NAME = 100
_MAX_UID = 300
_MAX_DEPTH = 20
"""Parents above one another; there are three."""

_COLOR = re.compile("#[0-9A-Fa-f]{6}")
_LONG_COLOR = re.compile("#((?:[0-9A-Fa-f]{4}){3})")
_ESCAPES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_ESCAPE = re.compile(r"\\(.)")

_WEATHER, _BIRTHDAYS = "weather", "contacts"


class ListKind(StrEnum):
    """Names what a list holds, as the section of its key file does."""

    CALENDAR = "Calendar"
    TASKS = "Task List"


class _Section(StrEnum):
    """Names what every key file has."""

    SOURCE = "Data Source"


class ConnectionStatus(StrEnum):
    """Names how a list stands to its server (ESourceConnectionStatus). It counts only while
    somebody has the list open."""

    UNKNOWN = ""
    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    AWAITING_CREDENTIALS = "awaiting-credentials"
    SSL_FAILED = "ssl-failed"


class List(Struct, frozen=True, kw_only=True):
    """Describes a calendar or a task list.

    uid: names it for good. color: `#RRGGBB` or None. group: what its account is called, or None.
    backend: what kind of service it is on. selected: whether GNOME shows it.
    """

    uid: str
    kind: ListKind
    name: str
    color: str | None = None
    group: str | None = None
    backend: str = ""
    selected: bool = False
    status: ConnectionStatus = ConnectionStatus.UNKNOWN


class _Source(Struct, frozen=True):
    uid: str
    sections: "Mapping[str, Mapping[str, str]]"
    status: ConnectionStatus

    def get(self, section: str, key: str) -> str:
        return self.sections.get(section, {}).get(key, "")

    def is_on(self, section: str) -> bool:
        return self.get(section, "Enabled") != "false"

    def name(self, language: str) -> str | None:
        for each in (*(f"DisplayName[{locale}]" for locale in locales(language)), "DisplayName"):
            if name := clean(_unescaped(self.get(_Section.SOURCE, each)), longest=_MAX_NAME):
                return name
        return None


def lists_from_objects(
    objects: Mapping[str, Mapping[str, Mapping[str, object]]], language: str
) -> tuple[List, ...]:
    """Return the calendars and task lists in what the registry manages, by group and name.

    objects: by path and interface the properties, as GetManagedObjects answers, without variants.
    language: the user's, as LANG and LC_MESSAGES have it: `de_AT.UTF-8`.
    """
    sources: dict[str, _Source] = {}
    for number, interfaces in enumerate(objects.values()):
        source = _source(interfaces.get(SOURCE_INTERFACE))
        if number < _MAX_SOURCES and source is not None:
            sources[source.uid] = source
    lists = [
        each for one in sources.values() if (each := _list(one, sources, language)) is not None
    ]
    lists.sort(key=lambda one: (one.group or "", one.kind, one.name.casefold(), one.uid))
    return tuple(lists[:MAX_LISTS])


def _source(properties: Mapping[str, object] | None) -> _Source | None:
    if properties is None:
        return None
    uid, data = properties.get("UID"), properties.get("Data")
    if not (isinstance(uid, str) and is_uid(uid) and len(uid) <= _MAX_UID):
        return None
    if not (isinstance(data, str) and len(data) <= _MAX_DATA):
        return None
    try:
        status = ConnectionStatus(str(properties.get("ConnectionStatus")))
    except ValueError:
        status = ConnectionStatus.UNKNOWN
    return _Source(uid, sections_from_text(data), status)


def _list(source: _Source, sources: Mapping[str, _Source], language: str) -> List | None:
    kind = next((kind for kind in ListKind if kind in source.sections), None)
    if kind is None or not source.is_on(kind):
        return None
    backend = source.get(kind, "BackendName")
    if backend == _WEATHER or not _is_enabled(source, sources):
        return None
    parent = sources.get(source.get(_Section.SOURCE, "Parent"))
    return List(
        uid=source.uid,
        kind=kind,
        name=source.name(language) or clean(source.uid, longest=_MAX_NAME),
        color=_color(source.get(kind, "Color")),
        group=parent.name(language) if parent else None,
        backend=clean(backend, longest=_MAX_NAME),
        selected=source.get(kind, "Selected") == "true" and backend != _BIRTHDAYS,
        status=source.status,
    )


def _is_enabled(source: _Source, sources: Mapping[str, _Source]) -> bool:
    """Whether it and all above it are; also where they lead round in a circle."""
    each: _Source | None = source
    for _ in range(_MAX_DEPTH):
        if each is None:
            return True
        if not each.is_on(_Section.SOURCE):
            return False
        each = sources.get(each.get(_Section.SOURCE, "Parent"))
    return True


def _color(text: str) -> str | None:
    """GNOME writes a colour as GDK does: `#rrggbb`, and in old files `#rrrrggggbbbb`."""
    if _COLOR.fullmatch(text):
        return text.upper()
    if found := _LONG_COLOR.fullmatch(text):
        digits = found[1].upper()
        return f"#{digits[0:2]}{digits[4:6]}{digits[8:10]}"
    return None


# Key files


def sections_from_text(text: str) -> Mapping[str, Mapping[str, str]]:
    """Return the keys of a key file by their section, with their values as written
    (docs.gtk.org/glib/struct.KeyFile.html). Lines that make no sense are passed over."""
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] | None = None
    for line in map(str.strip, text.split("\n")):
        if line.startswith("[") and line.endswith("]"):
            section = sections.setdefault(line[1:-1], {})
        elif section is not None and not line.startswith("#"):
            key, equals, value = line.partition("=")
            if equals:
                section[key.rstrip()] = value.lstrip()
    return sections


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), value)


def locales(language: str) -> tuple[str, ...]:
    """Return the names under which a translation is looked for, from the best to the last
    (g_get_locale_variants): `de_AT.UTF-8` has `de_AT`, `de`."""
    name, _, modifier = language.partition("@")
    name = name.partition(".")[0]
    short = name.partition("_")[0]
    if name in ("", "C", "POSIX"):
        return ()
    found = (
        [f"{name}@{modifier}", name, f"{short}@{modifier}", short] if modifier else [name, short]
    )
    return tuple(dict.fromkeys(found))
