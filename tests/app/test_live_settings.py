"""The settings that count are those of the file, as far as these can be used."""

import asyncio
from pathlib import Path

import pytest

from oo_desktop.app.live_settings import LiveSettings
from oo_desktop.config import Settings
from oo_desktop.errors import ConfigError

pytestmark = pytest.mark.logs_warnings


class Live(LiveSettings):
    """Settings whose changes are kept."""

    def __init__(self, path: Path) -> None:
        self.applied: list[Settings] = []
        self.told: list[tuple[str, ...]] = []
        super().__init__(
            path, apply=self.applied.append, told=lambda: self.told.append(self.mistakes)
        )


class File:
    """config.toml."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, text: str) -> None:
        self.path.write_text(text)

    def read(self) -> str:
        return self.path.read_text()


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path / "config.toml")


@pytest.fixture
def live(file: File) -> Live:
    return Live(file.path)


def test_where_there_is_no_file_the_defaults_count(live: Live) -> None:
    live.read()
    assert live.applied == []
    assert live.told == []


def test_what_is_in_the_file_counts_and_is_applied_once(live: Live, file: File) -> None:
    file.write("undo_seconds = 9\n[todoist]\nfilter = '#Work'\n")
    live.read()
    live.read()
    (settings,) = live.applied
    assert (settings.undo_seconds, settings.sections["todoist"]) == (9, {"filter": "#Work"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("undo_seconds = 9\n[todoist]\nfilter = 5", "config.toml, line 3: todoist.filter must be"),
        ("undo_seconds = 9\n[ics]\ndays_ahead = 99", "config.toml, line 3: ics.days_ahead must"),
        ("undo_seconds = 9\ncaldav = 5", "config.toml, line 2: caldav must be a section"),
    ],
)
def test_a_mistake_is_told_once_and_the_rest_counts(
    live: Live, file: File, text: str, said: str
) -> None:
    file.write(text)
    live.read()
    live.read()
    ((sentence,),) = live.told
    assert sentence.startswith(said)
    assert live.settings.undo_seconds == 9
    file.write("undo_seconds = 9")
    live.read()
    assert live.told[1:] == [()]


def test_a_file_that_cannot_be_read_changes_nothing(live: Live, file: File) -> None:
    file.write("undo_seconds = 9")
    live.read()
    file.path.write_bytes(b"\xff")
    live.read()
    assert live.settings.undo_seconds == 9
    assert live.mistakes == (f"{file.path} is not UTF-8 text.",)


async def test_a_change_is_in_the_file_and_counts(live: Live, file: File) -> None:
    file.write("# mine\n")
    changed = await live.change("undo_seconds", "9")
    assert changed.value == 9
    assert [settings.undo_seconds for settings in live.applied] == [9]
    assert file.read() == "# mine\nundo_seconds = 9\n"
    back = await live.change("undo_seconds", "default")
    assert (back.value, file.read()) == (5, "# mine\n")


async def test_changes_at_once_are_made_one_after_the_other(live: Live, file: File) -> None:
    names = ("show.all_day", "show.tentative", "show.unanswered", "hide_titles", "todoist.filter")
    await asyncio.gather(*(live.change(name, "off") for name in names))
    live.read()
    values = {setting.name: value for setting, value in live.values()}
    assert [values[name] for name in names] == [False, False, False, False, "off"]
    assert live.told == []


async def test_a_file_with_a_mistake_elsewhere_can_be_changed(live: Live, file: File) -> None:
    file.write("reminder_minutes = -1\n")
    await live.change("undo_seconds", "9")
    assert live.settings.undo_seconds == 9
    assert len(live.mistakes) == 1


@pytest.mark.parametrize("text", ["no TOML", "undo_seconds = 9\n[undo_seconds"])
async def test_a_file_that_is_broken_is_left_to_the_person(
    live: Live, file: File, text: str
) -> None:
    file.write(text)
    with pytest.raises(ConfigError, match="Mend that first"):
        await live.change("undo_seconds", "9")
    assert file.read() == text


async def test_how_far_ahead_links_look_is_said_as_it_counts(live: Live) -> None:
    await live.change("google_calendar.days_ahead", "4")
    values = {setting.name: value for setting, value in live.values()}
    assert values["ics.days_ahead"] == values["caldav.days_ahead"] == 4
    await live.change("ics.days_ahead", "2")
    values = {setting.name: value for setting, value in live.values()}
    assert (values["ics.days_ahead"], values["caldav.days_ahead"]) == (2, 4)
