"""GNOME's overview asks in the words of its own interface, and is answered in those."""

from collections.abc import Awaitable, Callable
from configparser import ConfigParser

from dbus_fast.service import ServiceInterface

from oo_desktop.commands.commands import Command, OpenUrl, ShowWindow
from oo_desktop.folders import resource
from oo_desktop.linux.bus import NAME
from oo_desktop.linux.search import DesktopSearch
from oo_desktop.linux.search_provider import PATH, SearchProvider
from tests.linux.conftest import Program

Asking = Callable[[str, ServiceInterface], Awaitable[Program]]


async def test_typing_narrows_what_is_found(asking: Asking, search: DesktopSearch) -> None:
    shell = await asking(PATH, SearchProvider(search))
    first = await shell.call("GetInitialResultSet", "as", ["milk"])
    assert len(first) == 2
    narrower = await shell.call("GetSubsearchResultSet", "asas", first, ["milk", "buy"])
    assert narrower == [first[1]]


async def test_what_is_shown_of_a_result_is_plain_text_with_an_icon(
    asking: Asking, search: DesktopSearch
) -> None:
    shell = await asking(PATH, SearchProvider(search))
    ids = await shell.call("GetInitialResultSet", "as", ["ana"])
    (meta,) = await shell.call("GetResultMetas", "as", ids)
    assert {name: value.value for name, value in meta.items() if name != "icon"} == {
        "id": ids[0],
        "name": "Call <b>Ana</b>",
        "description": "Today 17:00 · Work",
        "gicon": "oo-desktop",
    }
    assert meta["icon"].signature == "(sv)"
    kind, names = meta["icon"].value
    assert (kind, names.value) == ("themed", ["oo-desktop"])


async def test_enter_opens(asking: Asking, search: DesktopSearch, said: list[Command]) -> None:
    shell = await asking(PATH, SearchProvider(search))
    (found,) = await shell.call("GetInitialResultSet", "as", ["ana"])
    await shell.call("ActivateResult", "sasu", found, ["ana"], 0)
    await shell.call("LaunchSearch", "asu", ["ana"], 0)
    assert said == [OpenUrl("https://todoist.example/2"), ShowWindow()]


def test_the_file_that_the_shell_reads_leads_to_what_is_served() -> None:
    file = ConfigParser(interpolation=None)
    file.optionxform = str  # type: ignore[assignment,method-assign]  # its keys have capitals
    file.read(resource("desktop/oo-desktop.search-provider.ini"))
    section = file["Shell Search Provider"]
    assert section["BusName"] == NAME
    assert section["ObjectPath"] == PATH
    assert section["Version"] == "2"
    assert resource(f"desktop/{section['DesktopId']}").exists()
