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
from oo_desktop.integrations import loopback_pages
from oo_desktop.language import Formats, formats_like, in_context, language_of, plural, translated

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "oo_desktop"

MARKS = {"translated", "plural", "in_context", "untranslated", "untranslated_forms"}

FOR_PROGRAMMERS = {
    "AssertionError",
    "AttributeError",
    "ConnectorFault",
    "IndexError",
    "KeyError",
    "LookupError",
    "NotImplementedError",
    "OSError",
    "RuntimeError",
    "TypeError",
    "TypeVar",
    "ValueError",
}

ENGLISH_ALONE = {"cli/manual.py", "folders.py", "store/compile.py"}
"""Modules that speak English to everybody: the manual page, which names the files of `folders.py`,
is made where oO is built, and what SQLite is asked where oO is changed."""

NO_SENTENCES: Mapping[str, set[str]] = {
    "linux/autostart.py": {"Exec", "Hidden"},
    "app/diagnostics.py": {"Python"},
    # Names: of services, of headers of HTTP, of members and sections of Evolution Data Server.
    "connectors/caldav/nextcloud.py": {"Authorization", "Nextcloud"},
    "connectors/caldav/presets.py": {"Fastmail", "Nextcloud", "Posteo"},
    "connectors/desktop/bus.py": {"Disconnected", "Spawn", "Timeout"},
    "connectors/desktop/source.py": {
        "Capabilities",
        "Close",
        "Data",
        "Dispose",
        "Open",
        "Refresh",
        "Start",
        "Writable",
    },
    "connectors/desktop/sources.py": {
        "Calendar",
        "Color",
        "Data",
        "Enabled",
        "Parent",
        "Selected",
    },
    "connectors/google_calendar/own_client.py": {"Google"},
    "connectors/google_calendar/sign_in.py": {"Google"},
    "connectors/google_calendar/wire.py": {"Google"},
    "connectors/todoist/connector.py": {"Todoist"},
    "connectors/todoist/wire.py": {"Todoist"},
    "http/client.py": {"Accept", "Authorization", "Depth"},
    "http/secret_link.py": {"Accept"},
    "http/transport.py": {"Accept"},
    "oauth/messages.py": {"oO desktop"},
    # What a service or a program reads, and what is typed.
    "connectors/caldav/additions.py": {"PRODID:-//oO desktop//oO//EN"},
    "connectors/todoist/settings.py": {
        "(today | overdue) & (assigned to: me | !assigned)",
        "Todoist",
    },
    "integrations/accounts.py": {"oo-desktop connect "},
    "integrations/sign_in.py": {"oo-desktop connect "},
    "integrations/loopback_pages.py": {
        loopback_pages.STYLE,
        loopback_pages.TEMPLATE,
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
    # For the log.
    "connectors/icalendar/lines.py": {" cannot be read"},
    "ipc/server.py": {"a request could not be handled"},
    "signals/tasks.py": {"the task of "},
    "integrations/keyring_backends.py": {
        "not made",
        "not loaded",
        "kwallet lacks plug-in",
        "Password for '",
    },
    "store/errors.py": {"SQLite error "},
    "integrations/keyring_process.py": {"its process has ended"},
    "processes.py": {
        "import sys; sys.path[:] = sys.argv[2:]; del sys.argv[2:]; from oo_desktop.__main__ import "
        "main; sys.exit(main())"
    },
    "cli/arguments.py": {"todoist, google_calendar, ics, caldav, desktop"},
    "linux/bus.py": {"a call over D-Bus could not be answered"},
    "linux/service.py": {"Summary"},
    "ui/qt/menu_export.py": {"Core"},
    "language.py": {"English", "Deutsch"},  # called as they call themselves
    "linux/notifier.py": {"Notify"},
    "ui/qt/client_window.py": {
        "2px dashed palette(placeholder-text)",
        "2px solid palette(highlight)",
        '<li style="margin-bottom: 5px">',
        '<ol dir="rtl" style="margin: 0 -18px 0 0">',
        '<ol style="margin: 0 0 0 -18px">',
    },
    "linux/desktop_quiet.py": {"Inhibited"},
}
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
    if re.match(r"\s*(PRAGMA|SELECT|INSERT|DELETE|CREATE|ALTER|UPDATE|WHERE|NOT INDEXED)\b", text):
        return False  # of SQLite's language
    return bool(re.search(r"[A-Za-z]{2,},? [a-z]{2,}|^[A-Z][a-z]{3,}[.:…]?$", text))


class Finder(ast.NodeVisitor):
    """Finds the sentences of one module that nothing marks."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[tuple[int, str]] = []
        self.visit(tree)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        """An annotation may be a text."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if ast.unparse(node.targets[0]) != "__all__":
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
            for each in (*node.decorator_list, node.args, *node.body):
                self.visit(each)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        for each in (*node.decorator_list, node.args, *node.body):
            self.visit(each)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and is_sentence(node.value):
            self.found.append((node.lineno, node.value))


def sentences_of(source: str) -> list[str]:
    return [text for _, text in Finder(ast.parse(source)).found]


def modules() -> list[Path]:
    english = {PACKAGE / name for name in ENGLISH_ALONE}
    paths = sorted({*PACKAGE.rglob("*.py")} - english)
    return [
        path for path in paths if not {*languages.UNMARKED} & {*path.relative_to(PACKAGE).parts}
    ]


@pytest.mark.parametrize("name", [str(path.relative_to(PACKAGE)) for path in modules()])
def test_every_sentence_is_marked_for_the_catalogue(name: str) -> None:
    found = set(sentences_of((PACKAGE / name).read_text())) - NO_SENTENCES.get(name, set())
    assert found == set()


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
def test_a_translation_keeps_what_argparse_fills_in(code: str) -> None:
    for message in messages_of(code):
        for english, said in texts(message):
            assert set(re.findall(r"%(?:\(\w+\))?[rs]", said)) == set(
                re.findall(r"%(?:\(\w+\))?[rs]", english)
            ), said


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


def test_a_catalogue_that_cannot_be_read_keeps_nobody_from_starting(german: Path) -> None:
    file = german / "de" / "LC_MESSAGES" / "oo-desktop.mo"
    file.write_bytes(bytes(8) + file.read_bytes()[8:])
    language.use("de", german)
    assert translated("Open the window") == "Open the window"


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
    assert vars(formats_like(time, date)) == vars(formats)


def test_an_mo_file_is_made_where_one_is_missing_or_old(tmp_path: Path) -> None:
    file = tmp_path / "de" / "LC_MESSAGES" / "oo-desktop.po"
    file.parent.mkdir(parents=True)
    file.write_bytes((languages.CATALOGUES / file.relative_to(tmp_path)).read_bytes())
    languages.compile_all(tmp_path)
    with file.with_suffix(".mo").open("rb") as content:
        made = gettext.GNUTranslations(content)
    assert made.info()["language"] == "de"
