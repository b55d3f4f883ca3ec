"""What the README promises of settings, hosts, files and the bus is what the code has."""

import ast
import fnmatch
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from msgspec import structs

from oo_desktop.cli.arguments import usage
from oo_desktop.cli.manual import AUTOSTART, FOLDERS
from oo_desktop.config import Settings
from oo_desktop.connectors.caldav.presets import PRESETS
from oo_desktop.connectors.caldav.settings import CalDavSettings
from oo_desktop.connectors.calendar_link.settings import CalendarLinkSettings
from oo_desktop.connectors.desktop.settings import DesktopSettings
from oo_desktop.connectors.google_calendar.settings import GoogleCalendarSettings
from oo_desktop.connectors.registry import CONNECTOR_SETTINGS
from oo_desktop.connectors.todoist.settings import TodoistSettings
from oo_desktop.folders import WRITTEN
from oo_desktop.model.settings import SETTINGS
from tests.bench.readme import HEAD, PEERS_HEAD, PICTURES, ROWS
from tests.readme import TEXT, code_words, named, rows, section, tables

PACKAGE = Path(__file__).parents[1] / "oo_desktop"

SECTIONS: dict[str, msgspec.Struct] = {
    "todoist": TodoistSettings(),
    "google_calendar": GoogleCalendarSettings(),
    "caldav": CalDavSettings(),
    "ics": CalendarLinkSettings(),
    "desktop": DesktopSettings(),
}

OPENED_BY_THE_BROWSER = {"authorize_url"}
"""Settings that are addresses of pages, not of what oO asks."""

INTERFACES = {
    "org.freedesktop.DBus.Properties",
    "org.freedesktop.DBus.ObjectManager",
    "org.freedesktop.appearance",
    "org.freedesktop.login1.Manager",
    "org.freedesktop.login1.Session",
    "org.freedesktop.portal.Settings",
    "org.gnome.Shell.SearchProvider2",
    "org.gnome.desktop.interface",
    "org.gnome.evolution.dataserver.Calendar",
    "org.gnome.evolution.dataserver.CalendarFactory",
    "org.gnome.evolution.dataserver.CalendarView",
    "org.gnome.evolution.dataserver.Source",
    "org.gnome.evolution.dataserver.Sources",
    "org.kde.krunner1",
}
"""Dotted words of the code that are no names on a bus, but what is spoken there."""

ELSEWHERE = {"apple.com", "calendarserver.org", "nextcloud.com", "todoist.com"}
"""Hosts in names: of XML, and of who signs an answer (`iss`, RFC 9207). Nobody asks them."""

EXAMPLES = re.compile(r"(.*\.)?example(\.(com|org|net))?")

NOT_RUN = ("sandbox", "testing")
"""Folders for tests and the demo."""

BY_LIBRARIES = {"org.a11y.Bus"}
"""Names that Qt speaks to for oO."""


# Settings


def documented() -> dict[str, Any]:
    (block,) = re.findall(r"```toml\n(.*?)```", section("Settings"), re.DOTALL)
    return tomllib.loads(block)


def test_the_settings_with_their_defaults_are_all_there_are() -> None:
    own = msgspec.json.decode(msgspec.json.encode(Settings()))
    expected = {key: value for key, value in own.items() if key not in ("sections", "origin")}
    expected |= msgspec.json.decode(msgspec.json.encode(SECTIONS))
    assert documented() == expected


@pytest.mark.parametrize("setting", [*SETTINGS, *CONNECTOR_SETTINGS], ids=lambda each: each.name)
def test_what_the_window_changes_stands_there_with_its_default(setting: Any) -> None:
    found: Any = documented()
    for part in setting.name.split("."):
        found = found[part]
    assert found == setting.default


def test_every_command_is_in_the_list_and_none_that_is_not_there() -> None:
    (block,) = re.findall(r"```\n(oo-desktop .*?)```", section("Command line"), re.DOTALL)
    listed = set(re.findall(r"^oo-desktop ([a-z]+)\b", block, re.MULTILINE))
    there = set(re.findall(r"^  ([a-z]+)\b", usage(), re.MULTILINE)) - {"oo"}
    assert listed == there


def test_a_command_that_is_named_anywhere_is_one() -> None:
    there = set(re.findall(r"^  ([a-z]+)\b", usage(), re.MULTILINE)) - {"oo"}
    blocks = re.findall(r"```.*?```", TEXT, re.DOTALL)
    prose = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
    lines = [*re.findall(r"`([^`]+)`", prose), *"\n".join(blocks).splitlines()]
    words = {found[1] for line in lines if (found := re.match(r"oo-desktop ([a-z]+)\b", line))}
    assert len(words) > 15
    assert words <= there


# Hosts


def asked_hosts() -> set[str]:
    """Those that oO asks unless somebody names others."""
    addresses = {
        value
        for settings in SECTIONS.values()
        for key, value in structs.asdict(settings).items()
        if key.endswith("_url") and key not in OPENED_BY_THE_BROWSER
    }
    addresses |= {preset.server for preset in PRESETS if preset.server}
    return {urlsplit(address).hostname or "" for address in addresses}


def texts_of(path: Path) -> Iterator[str]:
    """Yield every text in a module that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


@cache
def texts() -> frozenset[str]:
    """Return every text in the product that is no docstring."""
    files = PACKAGE.rglob("*.py")
    ours = (path for path in files if path.relative_to(PACKAGE).parts[0] not in NOT_RUN)
    return frozenset(text for path in ours for text in texts_of(path))


def test_every_host_that_is_asked_by_default_is_named_and_no_other() -> None:
    hosts = {word for word in named("Hosts") if re.fullmatch(r"[a-z0-9.-]+", word)}
    assert hosts == asked_hosts()


def test_every_host_in_the_code_is_named() -> None:
    found = {host for text in texts() for host in re.findall(r"https?://([a-z0-9.-]+[a-z])", text)}
    assert asked_hosts() <= found, "this finds none"
    assert found >= ELSEWHERE
    unknown = found - ELSEWHERE - code_words(section("Hosts"))
    assert {host for host in unknown if not EXAMPLES.fullmatch(host)} == set()


# Files


def test_every_file_that_is_written_is_named_and_no_other() -> None:
    written = {f"{FOLDERS[file.folder]}/{file.names}" for file in WRITTEN}
    assert named("Files") == written | {AUTOSTART[0]}


def test_the_patterns_of_files_tell_them_apart() -> None:
    names = [file.names for file in WRITTEN]
    assert [
        (one, other)
        for one in names
        for other in names
        if one != other and fnmatch.fnmatch(other, one)
    ] == []


# The bus


def test_every_name_on_the_bus_is_named_and_no_other() -> None:
    dotted = re.compile(r"(?:org|com)(\.[A-Za-z_][A-Za-z0-9_]*){2,}")
    found = {text for text in texts() if dotted.fullmatch(text)}
    assert found - INTERFACES == named("Names on the bus") - BY_LIBRARIES


def test_a_word_that_is_no_name_any_more_is_left_off_here_too() -> None:
    assert texts() >= INTERFACES


# Costs


def test_the_costs_are_told_as_the_benches_print_them() -> None:
    (head, *told), *of_peers = tables("Costs")
    names = [name for name, *_ in told]
    assert head == list(HEAD)
    assert names == [words for words in ROWS.values() if words in names]
    for peers_head, (first, *_), *_ in of_peers:
        assert (peers_head, first) == (list(PEERS_HEAD), "oO")


def test_the_pictures_of_the_costs_are_those_that_are_drawn_of_results() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", section("Costs"))
    assert [PACKAGE.parent / picture for picture in shown] == list(PICTURES)
    assert all(picture.exists() for picture in PICTURES)


# The whole


def test_links_within_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    }
    anchors = set(re.findall(r"\]\(#([^)]+)\)", TEXT))
    assert anchors <= headings


def test_what_is_seen_in_trouble_is_what_oo_says() -> None:
    quoted = {word for row in rows("Troubleshooting") for word in re.findall(r"“([^”]+)”", row[0])}
    assert len(quoted) > 5
    parts = {word.strip("… :").lower() for word in quoted}
    said = "\n".join(texts()).lower()
    assert {part for part in parts if part not in said} == set()
