"""KRunner asks in the words of its own interface, and is answered in those."""

from collections.abc import Awaitable, Callable
from configparser import ConfigParser

import pytest
from dbus_fast.service import ServiceInterface

from oo_desktop.commands.commands import Act, Command, Done, OpenUrl
from oo_desktop.folders import resource
from oo_desktop.linux.bus import NAME
from oo_desktop.linux.krunner import MIN_LETTERS, PATH, Runner
from oo_desktop.linux.search import DesktopSearch
from oo_desktop.model.signals import ActionKind
from tests.linux.conftest import Program

Asking = Callable[[str, ServiceInterface], Awaitable[Program]]


async def test_what_fits_is_told_with_its_buttons(asking: Asking, search: DesktopSearch) -> None:
    krunner = await asking(PATH, Runner(search))
    cow, milk = await krunner.call("Match", "s", "milk")
    assert cow[1:4] == ("Milk the cow", "oo-desktop", 70)
    assert cow[5]["subtext"].value == "Overdue since Fri 20 Nov · Work"
    assert cow[5]["actions"].value == []
    assert milk[5]["actions"].value == ["done", "tomorrow"]
    assert 1.0 >= cow[4] > milk[4] > 0.0


@pytest.mark.parametrize("query", ["", "mi", " mi "])
async def test_a_few_letters_find_nothing(
    asking: Asking, search: DesktopSearch, query: str
) -> None:
    krunner = await asking(PATH, Runner(search))
    assert await krunner.call("Match", "s", query) == []
    config = await krunner.call("Config")
    assert config["MinLetterCount"].value == MIN_LETTERS


async def test_every_button_of_a_match_is_among_those_told_once(
    asking: Asking, search: DesktopSearch
) -> None:
    krunner = await asking(PATH, Runner(search))
    told = {button[0] for button in await krunner.call("Actions")}
    matches = await krunner.call("Match", "s", "milk")
    assert {each for match in matches for each in match[5]["actions"].value} <= told


async def test_enter_opens_and_buttons_act(
    asking: Asking, search: DesktopSearch, said: list[Command]
) -> None:
    krunner = await asking(PATH, Runner(search))
    (ana,) = await krunner.call("Match", "s", "ana")
    await krunner.call("Run", "ss", ana[0], "")
    await krunner.call("Run", "ss", ana[0], "done")
    await krunner.call("Run", "ss", ana[0], "tomorrow")
    await krunner.call("Run", "ss", ana[0], "explode")
    await krunner.call("SetActivationToken", "s", "token")
    await krunner.call("Teardown")
    url = OpenUrl("https://todoist.example/2")
    (key,) = {command.signal for command in said if isinstance(command, Done)}
    assert said == [url, Done(key), Act(key, ActionKind.TOMORROW), url]


def test_the_file_that_krunner_reads_leads_to_what_is_served() -> None:
    file = ConfigParser(interpolation=None)
    file.optionxform = str  # type: ignore[assignment,method-assign]  # its keys have capitals
    file.read(resource("desktop/oo-desktop.krunner.desktop"))
    entry = file["Desktop Entry"]
    assert entry["X-Plasma-DBusRunner-Service"] == NAME
    assert entry["X-Plasma-DBusRunner-Path"] == PATH
    assert entry["X-Plasma-Runner-Min-Letter-Count"] == str(MIN_LETTERS)
