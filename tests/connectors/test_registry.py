"""Plug-ins: what works is taken, whatever is wrong with the others is named and goes no further."""

import dataclasses
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from zipfile import ZipFile

import msgspec
import pytest
from msgspec.structs import replace

from oo_desktop.config import Settings, settings_from_toml
from oo_desktop.connectors.base import (
    ANY_MARKS,
    ApiToken,
    ClientAt,
    Connector,
    ConnectorContext,
    GrantRules,
    OAuthSignIn,
    OnThisComputer,
    Password,
    PastedTokens,
    SecretLink,
    SignIn,
)
from oo_desktop.connectors.google_calendar.own_client import HELP, client_from_file
from oo_desktop.connectors.registry import (
    CONNECTOR_SETTINGS,
    Registry,
    built_in_registry,
    changed_connectors,
    full_registry,
    installed_plug_ins,
    usable_settings,
)
from oo_desktop.errors import ConfigError, Rejected, Unavailable
from oo_desktop.http.client import ServiceClient
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.model.signals import ProviderId, UserId
from oo_desktop.model.source import Identity, Snapshot
from oo_desktop.model.state import Connecting
from oo_desktop.oauth.messages import OAuthService, OwnClient
from oo_desktop.testing import ScriptedSource
from tests.pseudo_language import pseudo, pseudo_language

BUILT_IN = [each.id for each in built_in_registry(Settings()).connectors]
CLIENT = cast("ServiceClient", None)
"""Nothing here asks a service."""

SERVICE = OAuthService(
    name="Notes",
    authorize_url="https://notes.example/authorize",
    token_url="https://notes.example/token",
    scope="read",
)
OWN_CLIENT = OwnClient(from_file=client_from_file, help=HELP, remedy="make another.")

Section = Mapping[str, object]


@dataclass
class Point:
    """An entry point that leads to `target`, or fails to."""

    name: str
    target: object = None
    failure: BaseException | None = None

    def load(self) -> object:
        if self.failure is not None:
            raise self.failure
        return self.target


async def nobody(_client: ServiceClient) -> Identity:
    return Identity(UserId("ada"), "Ada")


def connector(id_: str = "notes", **more: Any) -> Connector:
    given = {"api_url": "https://notes.example/", "identity": nobody, **more}
    return Connector(
        id=ProviderId(id_),
        name="Notes",
        sign_in=ApiToken(**given),
        source=lambda _given: ScriptedSource(id_),
    )


def context(_provider: ProviderId) -> ConnectorContext:
    return ConnectorContext(
        clients=lambda _: CLIENT,
        may_write=lambda _: True,
        calendars=lambda _: {},
        links=lambda _: cast("LinkClient", None),
        has_list=lambda _: False,
    )


async def registry(*points: Point, settings: Settings | None = None) -> Registry:
    found = await full_registry(settings or Settings(), entry_points=lambda: points, patience=0.3)
    kept, _ = found.with_sources(context)
    return kept


async def problem(made: object, name: str = "notes") -> str:
    """Why a plug-in that makes this is left out."""
    found = await registry(Point(name, lambda _section: made))
    assert [each.id for each in found.connectors] == BUILT_IN
    (sentence,) = found.problems
    return sentence


async def test_without_this_computer_there_is_nothing_that_reads_it() -> None:
    """The demo touches nothing of the person's."""

    async def ada() -> Identity:
        return Identity(UserId("ada"), "Ada")

    plug_in = of_kind(OnThisComputer(identity=ada))
    found = await full_registry(
        Settings(),
        entry_points=lambda: [Point("notes", lambda _section: plug_in)],
        of_this_computer=False,
    )
    assert BUILT_IN[0] == "desktop"
    assert [each.id for each in found.connectors] == BUILT_IN[1:]


@pytest.fixture
def same_places_after() -> Iterator[None]:
    """Puts what modules are looked for in back."""
    before = list(sys.path)
    yield
    sys.path[:] = before


@pytest.mark.usefixtures("same_places_after")
def test_what_is_installed_into_the_folder_of_plug_ins_is_found_and_imported(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "oo_rain-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: oo-rain\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[oo_desktop.connectors]\nrain = oo_rain:LIGHT\n")
    (tmp_path / "oo_rain.py").write_text("LIGHT = 'light rain'\n")
    assert "rain" not in [each.name for each in installed_plug_ins()]
    for _ in range(2):
        [point] = [each for each in installed_plug_ins(tmp_path) if each.name == "rain"]
        assert point.load() == "light rain"
    assert sys.path.count(str(tmp_path)) == 1
    assert sys.path[-1] == str(tmp_path), "nothing in it takes the place of another module"


@pytest.mark.usefixtures("same_places_after")
def test_a_folder_of_plug_ins_need_not_be_there(tmp_path: Path) -> None:
    before = [each.name for each in installed_plug_ins()]
    assert [each.name for each in installed_plug_ins(tmp_path / "none")] == before


@pytest.mark.usefixtures("same_places_after")
def test_a_plug_in_in_an_archive_is_found(tmp_path: Path) -> None:
    archive = tmp_path / "oo_rain-1.0-py3-none-any.whl"
    with ZipFile(archive, "w") as packed:
        packed.writestr("oo_rain-1.0.dist-info/METADATA", "Name: oo-rain\nVersion: 1.0\n")
        packed.writestr(
            "oo_rain-1.0.dist-info/entry_points.txt", "[oo_desktop.connectors]\nrain = oo_rain:A\n"
        )
    sys.path.append(str(archive))
    assert "rain" in [each.name for each in installed_plug_ins()]


@pytest.mark.usefixtures("same_places_after")
@pytest.mark.parametrize(
    ("place", "folder"),
    [(".", "oo_rain-1.0.dist-info"), (".", "oo_rain.egg-info"), ("oo_rain-1.0.egg", "EGG-INFO")],
    ids=["wheel", "source", "egg"],
)
def test_a_plug_in_is_found_however_it_is_installed(
    tmp_path: Path, place: str, folder: str
) -> None:
    described = tmp_path / place / folder
    described.mkdir(parents=True)
    name = "METADATA" if folder.endswith(".dist-info") else "PKG-INFO"
    (described / name).write_text("Name: oo-rain\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[oo_desktop.connectors]\nrain = oo_rain:A\n")
    sys.path.append(str(tmp_path / place))
    assert "rain" in [each.name for each in installed_plug_ins()]


@pytest.mark.usefixtures("same_places_after")
def test_what_cannot_be_read_keeps_no_plug_in_from_being_found(tmp_path: Path) -> None:
    (tmp_path / "odd-1.0.dist-info/entry_points.txt").mkdir(parents=True)
    installed_plug_ins(tmp_path)


def test_where_nothing_names_a_plug_in_the_library_that_reads_them_is_not_loaded() -> None:
    code = """
import sys
from oo_desktop.connectors import registry
registry.GROUP = "nobody’s"
assert registry.installed_plug_ins() == ()
print("importlib.metadata" in sys.modules)
"""
    alone = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"]
    assert subprocess.check_output(alone, text=True) == "False\n"


async def test_plug_ins_come_after_what_comes_with_oo() -> None:
    found = await registry(
        Point("notes", lambda _section: connector()),
        Point("weather", lambda _section: connector("weather")),
    )
    assert [each.id for each in found.connectors] == [*BUILT_IN, "notes", "weather"]
    assert found.problems == ()
    notes = found.services[-2]
    assert (notes.name, notes.connecting) == ("Notes", Connecting.TOKEN)


async def test_without_plug_ins_there_is_what_comes_with_oo() -> None:
    found = await registry()
    assert [each.id for each in found.connectors] == BUILT_IN
    assert [each.id for each in built_in_registry(Settings()).connectors] == BUILT_IN


async def test_a_plug_in_is_given_its_own_section_to_keep() -> None:
    given: list[Section] = []

    def make(section: Section) -> Connector:
        given.append(section)
        return connector()

    settings = settings_from_toml('[notes]\nfolder = "Home"\n[todoist]\nclient_id = "x"\n')
    await registry(Point("notes", make), settings=settings)
    await registry(Point("notes", make))
    assert given == [{"folder": "Home"}, {}]


@pytest.mark.logs_warnings
async def test_a_section_that_is_nobodys_is_named(caplog: pytest.LogCaptureFixture) -> None:
    settings = settings_from_toml("[notes]\nx = 1\n[nobodys]\nkey = 's3cret'\n")
    await registry(Point("notes", lambda _section: connector()), settings=settings)
    (record,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert record.getMessage() == "config.toml: unknown setting 'nobodys' is ignored"


@pytest.mark.logs_warnings
async def test_an_unknown_key_is_named_and_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    text = '"new\\nkey" = 1\n[todoist]\ncolour = "red"\n[google_calendar]\nsecret = "s3cret"\n'
    found = await registry(settings=settings_from_toml(text))
    assert [each.id for each in found.connectors] == BUILT_IN
    messages = [record.getMessage() for record in caplog.records]
    assert "config.toml: unknown setting 'new\\nkey' is ignored" in messages
    assert any("todoist.colour" in message for message in messages)
    assert any("google_calendar.secret" in message for message in messages)
    assert not any("\n" in message or "s3cret" in message for message in messages)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[todoist]\nfilter = ''", "todoist.filter must have 1 to 1024 characters."),
        ("[todoist]\nclient_id = 5", "todoist.client_id must be a text, in quotes."),
        ("todoist = 1", "todoist must be a section, [todoist]."),
        ("google_calendar = 'x'", "google_calendar must be a section, [google_calendar]."),
    ],
)
async def test_what_a_connector_of_oos_cannot_use_ends_the_start_in_a_sentence(
    text: str, sentence: str
) -> None:
    settings = settings_from_toml(text, origin="/home/ada/config.toml")
    with pytest.raises(ConfigError) as caught:
        await registry(settings=settings)
    assert str(caught.value) == f"/home/ada/config.toml: {sentence}"


@pytest.mark.parametrize(
    ("text", "mistakes", "sections"),
    [
        ("[todoist]\nfilter = 'x'", [], {"todoist": {"filter": "x"}}),
        (
            "[todoist]\nfilter = ''\ncallback_ports = [5000]",
            ["todoist.filter"],
            {"todoist": {"filter": "#Work", "callback_ports": [5000]}},
        ),
        (
            "[todoist]\nfilter = 1\ncallback_ports = [5]",
            ["todoist.callback_ports", "todoist.filter"],
            {"todoist": {"filter": "#Work"}},
        ),
        ("ics = 1", ["ics"], {}),
        ("[google_calendar]\ndays_ahead = 99", ["google_calendar.days_ahead"], {}),
        ("[weather]\nplace = 5", [], {"weather": {"place": 5}}),
        (
            "[google_calendar]\nclient_secret = 's3cret'\ndays_ahead = 2",
            ["google_calendar.client_secret"],
            {"google_calendar": {"days_ahead": 2}},
        ),
    ],
)
def test_of_a_section_only_what_can_be_used_counts(
    text: str, mistakes: list[str], sections: dict[str, object]
) -> None:
    before = settings_from_toml("[todoist]\nfilter = '#Work'")
    settings, found = usable_settings(settings_from_toml(text), before=before)
    assert sorted(mistake.key for mistake in found) == mistakes
    assert "s3cret" not in str(found)
    kept = {name: section for name, section in settings.sections.items() if section}
    assert kept == sections
    built_in_registry(settings)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("[todoist]\nfilter = 'x'", ["todoist"]),
        ("[caldav]\ndays_ahead = 2", ["caldav"]),
        ("[google_calendar]\ndays_ahead = 2", ["desktop", "google_calendar", "caldav", "ics"]),
        ("poll_interval = 60\n[weather]\nx = 1", []),
    ],
)
def test_connectors_are_made_anew_where_what_they_are_given_changed(
    text: str, changed: list[str]
) -> None:
    found = changed_connectors(settings_from_toml(text), before=Settings())
    assert [each.id for each in found] == changed


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", [1, 1, 1]),
        ("[google_calendar]\ndays_ahead = 3\n", [3, 3, 3]),
        ("[ics]\ndays_ahead = 5\n", [1, 1, 5]),
        ("[caldav]\ndays_ahead = 5\n", [1, 5, 1]),
        ("[google_calendar]\ndays_ahead = 3\n[ics]\ndays_ahead = 0\n", [3, 3, 0]),
    ],
)
def test_calendars_of_all_kinds_look_equally_far_ahead_where_nothing_else_is_said(
    text: str, days: list[int]
) -> None:
    _, sources = built_in_registry(settings_from_toml(text)).with_sources(context)
    calendars = (sources[ProviderId(name)] for name in ("google_calendar", "caldav", "ics"))
    assert [each._days_ahead for each in calendars] == days  # type: ignore[attr-defined]  # all have it


@pytest.mark.logs_warnings
@pytest.mark.parametrize("name", [*BUILT_IN, "notes"])
async def test_an_id_that_is_taken_stays_with_who_had_it(name: str) -> None:
    first, second = connector(), connector()
    found = await registry(Point("notes", lambda _: first), Point(name, lambda _: second))
    assert [each.id for each in found.connectors] == [*BUILT_IN, "notes"]
    assert found.problems == (
        f"The plug-in “{name}” is left out: there is a connector of that name already.",
    )


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "name", ["", "Notes", "my notes", "9", "n" * 33, "poll_interval", "ünder", "a\nb"]
)
async def test_an_id_must_be_one(name: str) -> None:
    sentence = await problem(connector(name or "x"), name)
    assert "lower-case letters" in sentence
    assert "\n" not in sentence


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "failure",
    [ImportError("s3cret"), SystemExit(1), RecursionError(), KeyError("s3cret"), GeneratorExit()],
    ids=lambda failure: type(failure).__name__,
)
async def test_a_plug_in_that_cannot_be_loaded_is_named_and_nobody_else_suffers(
    failure: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    working = Point("notes", lambda _section: connector())
    found = await registry(Point("broken", failure=failure), working)
    assert [each.id for each in found.connectors] == [*BUILT_IN, "notes"]
    assert found.problems == (
        f"The plug-in “broken” is left out: it fails to load ({type(failure).__name__}).",
    )
    assert "s3cret" not in caplog.text
    assert caplog.text.count("is left out") == 1


@pytest.mark.logs_warnings
async def test_what_a_plug_in_says_of_its_settings_is_passed_on() -> None:
    def refuses(_section: Section) -> Connector:
        raise ConfigError("place must be\n a town.")

    def converts(section: Section) -> Connector:
        msgspec.convert(section, dict[str, int])
        return connector()

    settings = settings_from_toml('[b]\nx = "y"\n')
    found = await registry(Point("a", refuses), Point("b", converts), settings=settings)
    assert found.problems[0] == (
        "The plug-in “a” is left out: its settings in [a] cannot be used: place must be a town."
    )
    assert "[b]" in found.problems[1]


@pytest.mark.logs_warnings
async def test_one_that_does_not_load_in_time_is_left_to_itself() -> None:
    gate = threading.Event()

    def late(_section: Section) -> Connector:
        gate.wait(10)
        return connector()

    try:
        found = await registry(Point("a", late), Point("b", lambda _section: connector("b")))
    finally:
        gate.set()
    assert [each.id for each in found.connectors] == [*BUILT_IN, "b"]
    assert "within 0.3 seconds" in found.problems[0]


def provided(**changes: Any) -> Connector:
    made = connector()
    return dataclasses.replace(made, sign_in=replace(made.sign_in, **changes))


def signing_in(**changes: Any) -> Connector:
    how = OAuthSignIn(service=SERVICE, api_url="https://notes.example/", identity=nobody)
    return dataclasses.replace(connector(), sign_in=replace(how, **changes))


def of_kind(sign_in: SignIn) -> Connector:
    return dataclasses.replace(connector(), sign_in=sign_in)


async def nobody_behind(_client: LinkClient) -> Identity:
    return Identity(UserId("ada"), "Ada")


async def nowhere(_typed: str, _user_name: str, _client_at: ClientAt) -> str:
    return "https://notes.example/"


def serving(**changes: Any) -> Connector:
    return signing_in(service=msgspec.structs.replace(SERVICE, **changes))


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    ("made", "words"),
    [
        (None, "makes a NoneType, not a Connector"),
        (connector, "makes a function, not a Connector"),
        (connector("other"), "another id than its entry point"),
        (dataclasses.replace(connector(), sign_in=cast("Any", None)), "sign-in is of no kind"),
        (signing_in(service=None), "service is not an OAuthService"),
        (serving(name=3), "wrong types"),
        (provided(api_url=None), "wrong types"),
        (provided(pasted=None), "wrong types"),
        (serving(own_client=True), "wrong types"),  # as 0.1.0 had it
        (signing_in(callback_ports=("x",)), "wrong types"),
        (signing_in(pasted="a token"), "wrong types"),
        (dataclasses.replace(connector(), home=cast("Any", 3)), "wrong types"),
        (provided(identity=None), "cannot be called"),
        (dataclasses.replace(connector(), source=cast("Any", None)), "cannot be called"),
        (dataclasses.replace(connector(), offered=cast("Any", True)), "offered cannot be called"),
        (of_kind(OnThisComputer(identity=cast("Any", None))), "cannot be called"),
        (provided(api_url="http://notes.example/"), "must use https"),
        (provided(api_url="https://ada@notes.example/"), "plain https"),
        (serving(token_url="http://x.example/"), "token_url must use https"),
        (serving(authorize_url=""), "authorize_url must be"),
        (serving(own_client=OWN_CLIENT), "only built-in"),
        (signing_in(rules=GrantRules()), "only built-in"),
        (of_kind(SecretLink(identity=nobody_behind)), "only built-in"),
        (of_kind(Password(find_server=nowhere)), "only built-in"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_connector_is_left_out(made: object, words: str) -> None:
    assert words in await problem(made)


def raising(error: BaseException) -> Callable[..., Any]:
    def fails(*_args: object) -> Any:
        raise error

    return fails


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    ("source", "words"),
    [
        (raising(KeyError("x")), "fails to start (KeyError)"),
        (raising(SystemExit()), "fails to start (SystemExit)"),
        (lambda _given: None, "its source is not a SignalSource"),
        (lambda _given: ScriptedSource("todoist"), "another id"),
    ],
)
async def test_one_without_a_source_is_left_out(source: Any, words: str) -> None:
    assert words in await problem(dataclasses.replace(connector(), source=source))


async def identified(identity: Any) -> Identity:
    found = await registry(Point("notes", lambda _section: connector(identity=identity)))
    how = found.connectors[-1].sign_in
    assert isinstance(how, ApiToken)
    return await how.identity(CLIENT)


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "found",
    [None, Identity(UserId(""), "Ada"), Identity(UserId("a" * 600), ""), {"user_id": 3}, "ada"],
)
async def test_an_account_that_is_none_is_refused_in_a_sentence(found: object) -> None:
    async def tells(_client: ServiceClient) -> Any:
        return found

    with pytest.raises(Rejected, match="does not work"):
        await identified(tells)


@pytest.mark.logs_warnings
async def test_a_mistake_in_telling_the_account_is_no_end_of_oo(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(Rejected):
        await identified(raising(KeyError("s3cret")))
    assert "KeyError" in caplog.text
    assert "s3cret" not in caplog.text


async def test_what_passes_in_telling_the_account_passes() -> None:
    with pytest.raises(Unavailable):
        await identified(raising(Unavailable("Not now.")))
    assert await identified(nobody) == Identity(UserId("ada"), "Ada")


async def found_here(identity: Any) -> Identity:
    made = of_kind(OnThisComputer(identity=identity))
    found = await registry(Point("notes", lambda _section: made))
    how = found.connectors[-1].sign_in
    assert isinstance(how, OnThisComputer)
    return await how.identity()


@pytest.mark.logs_warnings
async def test_a_plug_in_may_read_what_is_on_this_computer_and_its_mistakes_are_its_own() -> None:
    async def ada() -> Identity:
        return Identity(UserId("ada"), "Ada")

    assert await found_here(ada) == Identity(UserId("ada"), "Ada")
    with pytest.raises(Rejected, match="does not work"):
        await found_here(raising(KeyError("s3cret")))


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    ("said", "offered"),
    [(True, True), (False, False), ("yes", False), (KeyError("x"), False), (Rejected("x"), False)],
)
async def test_what_does_not_know_whether_it_is_offered_is_not(said: object, offered: bool) -> None:
    async def says() -> Any:
        if isinstance(said, Exception):
            raise said
        return said

    made = dataclasses.replace(connector(), offered=says)
    found = await registry(Point("notes", lambda _section: made))
    kept = found.connectors[-1].offered
    assert kept is not None
    assert await kept() is offered


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    ("pace", "seconds"),
    [
        (lambda *_: 600, 600),
        (lambda *_: 0, 5),
        (lambda *_: 10**9, 24 * 3600),
        (lambda *_: "soon", 120),
        (lambda *_: float("nan"), 120),
        (raising(KeyError("x")), 120),
    ],
)
async def test_how_often_a_plug_in_wants_to_be_asked_is_kept_within_reason(
    pace: Any, seconds: float
) -> None:
    made = dataclasses.replace(connector(), poll_after=pace)
    found = await registry(Point("notes", lambda _section: made))
    kept = found.connectors[-1].poll_after
    assert kept is not None
    assert kept(Snapshot(signals=()), datetime(2026, 11, 22, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("token", "fits"),
    [("a" * 20, True), ("a" * 19, False), ("a-b_c." * 6, False), ("é" * 30, False), ("", False)],
)
def test_half_a_token_is_noticed(token: str, fits: bool) -> None:
    assert PastedTokens().fits(token) is fits


@pytest.mark.parametrize(
    ("token", "fits"), [("pn_01-23.45~/=", True), ("two words", False), ("a\nb" * 9, False)]
)
def test_a_plug_ins_token_may_hold_what_headers_hold(token: str, fits: bool) -> None:
    assert ANY_MARKS.fits(token) is fits


def test_what_is_known_of_services_waits_for_its_language() -> None:
    found = built_in_registry(Settings())
    with pseudo_language():
        assert found.services == built_in_registry(Settings()).services
    assert "Calendar link" in {each.name for each in found.services}


@pytest.mark.logs_warnings
async def test_why_a_plug_in_is_left_out_is_shown_in_the_language_and_logged_in_english(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pseudo_language():
        (shown,) = (await registry(Point("notes", lambda _: 5))).problems
    assert pseudo("it makes a {type}, not a Connector.").format(type="int") in shown
    assert "it makes a int, not a Connector." in caplog.text


def test_a_setting_of_all_calendars_stands_above_those_of_some() -> None:
    names = [setting.name for setting in CONNECTOR_SETTINGS]
    assert [name.partition(".")[0] for name in names if name.endswith(".days_ahead")] == [
        *("google_calendar", "desktop", "caldav", "ics")
    ]
