"""The file of a language, as Babel and GNU gettext write it."""

import gettext
from io import BytesIO

import languages
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from oo_desktop.catalogue import Catalogue

CODES = sorted(each.name for each in languages.CATALOGUES.iterdir())


Text = str | tuple[str, ...]


def catalogue(code: str, *messages: tuple[Text, Text, str | None]) -> Catalogue:
    made = Catalog(locale=code)
    for text, translation, context in messages:
        made.add(text, translation, context=context)
    file = BytesIO()
    write_mo(file, made)
    return Catalogue(file.getvalue())


def test_a_sentence_is_said_as_the_file_has_it_and_else_as_it_was_written() -> None:
    german = catalogue("de", ("Open the window", "Fenster öffnen", None))
    assert german.gettext("Open the window") == "Fenster öffnen"
    assert german.gettext("Nobody translated this") == "Nobody translated this"


def test_a_text_has_another_translation_in_another_place() -> None:
    german = catalogue("de", ("Open", "Öffnen", "menu"), ("Open", "Offen", None))
    assert (german.pgettext("menu", "Open"), german.gettext("Open")) == ("Öffnen", "Offen")
    assert german.pgettext("window", "Open") == "Open"


def test_each_number_has_its_form() -> None:
    arabic = catalogue("ar", (("{} day", "{} days"), ("0", "1", "2", "few", "many", "other"), None))
    said = [arabic.ngettext("{} day", "{} days", count) for count in (0, 1, 2, 3, 11, 100)]
    assert said == ["0", "1", "2", "few", "many", "other"]
    assert arabic.ngettext("{} task", "{} tasks", 1) == "{} task"
    assert arabic.ngettext("{} task", "{} tasks", 2) == "{} tasks"


def test_without_a_file_everything_is_said_as_it_was_written() -> None:
    english = Catalogue()
    assert english.gettext("Open") == english.pgettext("menu", "Open") == "Open"
    assert [english.ngettext("task", "tasks", count) for count in (0, 1, 2)] == [
        "tasks",
        "task",
        "tasks",
    ]


@pytest.mark.parametrize("code", CODES)
def test_every_language_says_what_pythons_own_reader_makes_of_it(code: str) -> None:
    languages.compile_all()
    file = languages.CATALOGUES / code / "LC_MESSAGES" / "oo-desktop.mo"
    ours = Catalogue(file.read_bytes())
    with file.open("rb") as opened:
        pythons = gettext.GNUTranslations(opened)
    for message in languages.marked():
        match message.id:
            case [one, several]:
                for count in range(130):
                    said = pythons.ngettext(one, several, count)
                    assert ours.ngettext(one, several, count) == said
            case str(text) if text and message.context:
                said = pythons.pgettext(message.context, text)
                assert ours.pgettext(message.context, text) == said
            case str(text) if text:
                assert ours.gettext(text) == pythons.gettext(text)
