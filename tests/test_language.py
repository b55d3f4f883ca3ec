"""Every sentence that a person sees is in the catalogue, and every catalogue has all of it.

Sentences are found in the code by how they look: words with a space between them, or one word with
a capital. Those for logs, for programmers (ValueError and its like) and for programs are English.
"""

import ast
import gettext
import importlib.util
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo

from oo_desktop import language
from oo_desktop.language import Formats, formats_like, in_context, language_of, plural, translated

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "oo_desktop"

MARKS = {"translated", "plural", "in_context", "untranslated"}

FOR_PROGRAMMERS = {
    "AssertionError",
    "AttributeError",
    "IndexError",
    "KeyError",
    "LookupError",
    "NotImplementedError",
    "OSError",
    "RuntimeError",
    "TypeError",
    "ValueError",
}

NOT_YET: set[str] = {
    "app/demo.py",
    "app/diagnostics.py",
    "app/late_imports.py",
    "app/late_linux.py",
    "app/live_settings.py",
    "app/ports.py",
    "app/shell.py",
    "cli/arguments.py",
    "cli/commands.py",
    "cli/manual.py",
    "cli/reset.py",
    "cli/terminal.py",
    "cli/text.py",
    "commands/commands.py",
    "commands/execute.py",
    "commands/names.py",
    "commands/requests.py",
    "config.py",
    "config_file.py",
    "connector.py",
    "connectors/caldav/actions.py",
    "connectors/caldav/additions.py",
    "connectors/caldav/collections.py",
    "connectors/caldav/connector.py",
    "connectors/caldav/discovery.py",
    "connectors/caldav/dns.py",
    "connectors/caldav/errors.py",
    "connectors/caldav/nextcloud.py",
    "connectors/caldav/presets.py",
    "connectors/caldav/settings.py",
    "connectors/caldav/source.py",
    "connectors/caldav/xml.py",
    "connectors/calendar_link/connector.py",
    "connectors/calendar_link/settings.py",
    "connectors/calendar_link/source.py",
    "connectors/days_ahead.py",
    "connectors/desktop/actions.py",
    "connectors/desktop/bus.py",
    "connectors/desktop/connector.py",
    "connectors/desktop/settings.py",
    "connectors/desktop/source.py",
    "connectors/desktop/sources.py",
    "connectors/google_calendar/actions.py",
    "connectors/google_calendar/connector.py",
    "connectors/google_calendar/errors.py",
    "connectors/google_calendar/events.py",
    "connectors/google_calendar/last_good.py",
    "connectors/google_calendar/own_client.py",
    "connectors/google_calendar/schedule.py",
    "connectors/google_calendar/settings.py",
    "connectors/google_calendar/sign_in.py",
    "connectors/google_calendar/source.py",
    "connectors/google_calendar/wire.py",
    "connectors/icalendar/edit.py",
    "connectors/icalendar/lines.py",
    "connectors/icalendar/todo_clicks.py",
    "connectors/registry.py",
    "connectors/todoist/actions.py",
    "connectors/todoist/additions.py",
    "connectors/todoist/connector.py",
    "connectors/todoist/errors.py",
    "connectors/todoist/settings.py",
    "connectors/todoist/source.py",
    "connectors/todoist/wire.py",
    "engine.py",
    "errors.py",
    "folders.py",
    "http/addresses.py",
    "http/client.py",
    "http/paging.py",
    "http/passwords.py",
    "http/secret_link.py",
    "http/transport.py",
    "integrations/accounts.py",
    "integrations/keyring.py",
    "integrations/loopback.py",
    "integrations/loopback_pages.py",
    "integrations/sign_in.py",
    "integrations/tokens.py",
    "integrations/vault.py",
    "ipc/__init__.py",
    "ipc/client.py",
    "ipc/instance.py",
    "ipc/server.py",
    "language.py",
    "linux/autostart.py",
    "linux/bus.py",
    "linux/desktop_quiet.py",
    "linux/krunner.py",
    "linux/notifier.py",
    "linux/search.py",
    "linux/service.py",
    "model/listing.py",
    "model/quick_add.py",
    "model/settings.py",
    "model/signals.py",
    "model/source.py",
    "model/text.py",
    "notifications/center.py",
    "notifications/clicks.py",
    "notifications/connected.py",
    "notifications/digest.py",
    "notifications/reconnect.py",
    "notifications/reminders.py",
    "oauth/messages.py",
    "oauth/wire.py",
    "signals/aggregator.py",
    "signals/isolation.py",
    "signals/outbox/delivery.py",
    "signals/outbox/outbox.py",
    "signals/outbox/settlement.py",
    "signals/snapshot_checks.py",
    "signals/tasks.py",
    "store/database.py",
    "store/errors.py",
    "store/location.py",
    "store/outbox.py",
    "store/recovery/rescue.py",
    "store/recovery/salvage.py",
    "store/schema.py",
    "store/snapshots.py",
    "ui/qt/client_window.py",
    "ui/qt/day_dialog.py",
    "ui/qt/dialogs.py",
    "ui/qt/main_window.py",
    "ui/qt/password_window.py",
    "ui/qt/settings_window.py",
    "ui/qt/signal_list.py",
    "ui/view/accounts.py",
    "ui/view/entries.py",
    "ui/view/events.py",
    "ui/view/outbox.py",
    "ui/view/pause.py",
    "ui/view/rows.py",
    "ui/view/settings.py",
    "ui/view/tray.py",
    "ui/view/window.py",
}
"""Modules whose sentences are not marked yet."""

NO_SENTENCES: Mapping[str, set[str]] = {}
"""Texts that look like sentences and are none, by module."""


def load_languages() -> ModuleType:
    """`packaging/languages.py`, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("languages", ROOT / "packaging/languages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


languages = load_languages()
CODES = sorted(set(language.LANGUAGES) - {language.ENGLISH})


def is_sentence(text: str) -> bool:
    """Whether `text` looks as if it were for people."""
    return bool(re.search(r"[A-Za-z]{2,},? [a-z]{2,}|^[A-Z][a-z]+[.:…]?$", text))


class Finder(ast.NodeVisitor):
    """Finds the sentences of one module that nothing marks."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[tuple[int, str]] = []
        self.visit(tree)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func)
        last = name.rpartition(".")[2]
        if last in MARKS or name.startswith(("log.", "re.")) or last in FOR_PROGRAMMERS:
            for each in (*node.args, *(keyword.value for keyword in node.keywords)):
                if not isinstance(each, ast.Constant | ast.JoinedStr):
                    self.visit(each)
        else:
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name not in {"__repr__", "__str__"}:
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and is_sentence(node.value):
            self.found.append((node.lineno, node.value))


def sentences_of(source: str) -> list[str]:
    return [text for _, text in Finder(ast.parse(source)).found]


def modules() -> list[Path]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return [
        path for path in paths if not {*languages.UNMARKED} & {*path.relative_to(PACKAGE).parts}
    ]


@pytest.mark.parametrize("name", [str(path.relative_to(PACKAGE)) for path in modules()])
def test_every_sentence_is_marked_for_the_catalogue(name: str) -> None:
    found = set(sentences_of((PACKAGE / name).read_text())) - NO_SENTENCES.get(name, set())
    assert bool(found) == (name in NOT_YET), sorted(found)


def test_texts_that_are_no_sentences_are_still_there() -> None:
    for name, texts in NO_SENTENCES.items():
        assert texts <= set(sentences_of((PACKAGE / name).read_text())), name


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ('label = "Open the window"', True),
        ('label = "Refresh"', True),
        ('raise StoreError(f"The disk of {name} is full.")', True),
        ('label = translated("Open the window")', False),
        ('label = plural("{count} task is late", "{count} tasks are late", number)', False),
        ('log.info("the window was opened")', False),
        ('raise ValueError("no such thing as this")', False),
        ('"""Say what this module does."""', False),
        ('key = "connection"', False),
    ],
)
def test_a_sentence_is_told_by_how_it_looks_and_where_it_stands(
    source: str, is_found: bool
) -> None:
    assert bool(sentences_of(source)) is is_found


def catalogue_of(code: str) -> Catalog:
    catalogue = languages.read(languages.CATALOGUES / code / "LC_MESSAGES" / "oo-desktop.po")
    assert isinstance(catalogue, Catalog)
    return catalogue


def texts(message: Message) -> list[tuple[str, str]]:
    """What is said in English beside what is said in the language, form by form."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return [(message.id[-1], each) for each in message.string or ()]


def messages_of(code: str) -> list[Message]:
    return [message for message in catalogue_of(code) if message.id]  # the first is the header


def test_there_is_a_catalogue_for_each_language() -> None:
    assert sorted(file.parents[1].name for file in languages.files()) == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_has_what_the_code_says_and_nothing_else(code: str) -> None:
    """Else: `make languages`, and translate what is new."""
    file = languages.CATALOGUES / code / "LC_MESSAGES" / "oo-desktop.po"
    assert file.read_bytes() == languages.text_of(languages.updated(catalogue_of(code)))


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_translates_everything(code: str) -> None:
    missing = [
        english
        for message in messages_of(code)
        for english, said in texts(message)
        if not said.strip() or message.fuzzy
    ]
    assert missing == []


def fields(text: str) -> set[str]:
    """The names in braces. Raises ValueError where braces are left open."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", CODES)
def test_a_translation_keeps_what_is_filled_in(code: str) -> None:
    """A form for one or two may leave out the number: the word tells it."""
    for message in messages_of(code):
        for english, said in texts(message):
            spare = {"count"} if not isinstance(message.id, str) else set()
            assert fields(said) <= fields(english), said
            assert fields(english) - fields(said) <= spare, said


@pytest.mark.parametrize("code", CODES)
def test_a_translation_begins_and_ends_as_the_sentence_does(code: str) -> None:
    """Line ends, spaces and the dots of a menu entry that asks for more."""
    for message in messages_of(code):
        for english, said in texts(message):
            assert english.count("\n") == said.count("\n"), said
            assert english[:1].isspace() == said[:1].isspace(), said
            assert english[-1:].isspace() == said[-1:].isspace(), said
            assert english.endswith("…") == said.endswith("…"), said


@pytest.fixture
def german(tmp_path: Path) -> Iterator[Path]:
    """A folder with a small German catalogue; English again afterwards."""
    catalogue = Catalog(locale="de")
    catalogue.add("Open the window", "Fenster öffnen")
    catalogue.add("Offline since {time}", "Seit {time} ohne Netz")
    catalogue.add(("{count} task", "{count} tasks"), ("{count} Aufgabe", "{count} Aufgaben"))
    catalogue.add("Open", "Öffnen", context="menu")
    catalogue.add("Open", "Offen")
    file = tmp_path / "de" / "LC_MESSAGES" / "oo-desktop.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as content:
        write_mo(content, catalogue)
    yield tmp_path
    language.use_catalogue(language.ENGLISH, gettext.NullTranslations())


def test_a_sentence_is_said_in_the_language_chosen(german: Path) -> None:
    language.use("de", german)
    assert language.code() == "de"
    assert translated("Open the window") == "Fenster öffnen"


def test_values_are_put_into_the_translation(german: Path) -> None:
    language.use("de", german)
    assert translated("Offline since {time}", time="09:40") == "Seit 09:40 ohne Netz"


def test_a_value_is_never_read_as_a_sentence_with_braces(german: Path) -> None:
    language.use("de", german)
    assert translated("Offline since {time}", time="{time.x}") == "Seit {time.x} ohne Netz"


def test_the_form_follows_the_number(german: Path) -> None:
    language.use("de", german)
    said = [plural("{count} task", "{count} tasks", count) for count in (0, 1, 2)]
    assert said == ["0 Aufgaben", "1 Aufgabe", "2 Aufgaben"]


def test_one_word_has_two_translations_where_its_place_tells_them_apart(german: Path) -> None:
    language.use("de", german)
    assert (in_context("menu", "Open"), translated("Open")) == ("Öffnen", "Offen")


def test_what_no_catalogue_has_is_said_in_english(german: Path) -> None:
    language.use("de", german)
    assert translated("Nobody translated this") == "Nobody translated this"


def test_a_text_without_values_keeps_its_braces(german: Path) -> None:
    language.use("de", german)
    assert translated("Write {name}") == "Write {name}"


@pytest.mark.parametrize("code", ["xx", "de", "../../etc"])
def test_a_language_without_a_catalogue_is_english(code: str, tmp_path: Path) -> None:
    language.use(code, tmp_path)
    assert translated("Open the window") == "Open the window"
    language.use(language.ENGLISH, tmp_path)


def test_arabic_is_written_from_right_to_left(tmp_path: Path) -> None:
    language.use("ar", tmp_path)
    assert language.is_right_to_left()
    language.use("de", tmp_path)
    assert not language.is_right_to_left()
    language.use(language.ENGLISH, tmp_path)


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "de_DE@euro"}, "de"),
        ({"LANG": "pt_BR.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8", "LC_ALL": "es_ES"}, "es"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:de"}, "fr"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "pt:es:de"}, "es"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "en:de"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "en_GB:de"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "de"}, "en"),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8", "LANGUAGE": "de"}, "en"),
        ({"LC_ALL": "", "LANG": "ar_EG.UTF-8"}, "ar"),
    ],
)
def test_the_language_of_the_session_is_found_as_gettext_finds_it(
    environment: dict[str, str], code: str
) -> None:
    assert language_of(environment) == code


@pytest.mark.parametrize(
    ("time", "date", "formats"),
    [
        ("%r", "%m/%d/%Y", Formats(hours_12=True, month_first=True)),  # en_US
        ("%T", "%d/%m/%y", Formats()),  # en_GB
        ("%T", "%d.%m.%Y", Formats()),  # de_DE
        ("%I:%M:%S %p", "%d/%m/%y", Formats(hours_12=True)),  # en_AU of old
        ("%H:%M:%S", "%Y-%m-%d", Formats()),  # sv_SE
        ("%T", "%D", Formats(month_first=True)),
        ("%l:%M:%S %P", "%A %-d %B %Y", Formats(hours_12=True)),
        ("", "", Formats()),
    ],
)
def test_a_session_says_whether_hours_are_twelve_and_which_of_day_and_month_comes_first(
    time: str, date: str, formats: Formats
) -> None:
    assert formats_like(time, date) == formats


def test_an_mo_file_is_made_where_one_is_missing_or_old(tmp_path: Path) -> None:
    file = tmp_path / "de" / "LC_MESSAGES" / "oo-desktop.po"
    file.parent.mkdir(parents=True)
    file.write_bytes((languages.CATALOGUES / file.relative_to(tmp_path)).read_bytes())
    languages.compile_all(tmp_path)
    with file.with_suffix(".mo").open("rb") as content:
        made = gettext.GNUTranslations(content)
    assert made.info()["language"] == "de"
