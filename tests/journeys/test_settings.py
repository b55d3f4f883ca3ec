"""config.toml, edited while oO runs or before: oO goes by it, and a mistake ends nothing."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.journeys.process import Oo

TASK = "Take back the library books"


@pytest.fixture
def oo(tmp_path: Path, sandbox: SandboxProcess) -> Iterator[Oo]:
    oo = Oo(tmp_path)
    write(oo, "poll_interval = 5\n" + config_toml(sandbox.url))
    yield oo
    if oo.process is not None:
        oo.end(signal.SIGKILL)


def file_of(oo: Oo) -> Path:
    return oo.home / "config.toml"


def write(oo: Oo, text: str) -> None:
    """As most editors do: beside it, and renamed over it."""
    beside = oo.home / ".config.toml.swp"
    beside.write_text(text)
    beside.rename(file_of(oo))


def value(oo: Oo, name: str) -> object:
    return next(one["value"] for one in oo.ask_json("settings") if one["name"] == name)


def mistakes(oo: Oo) -> list[str]:
    found: list[str] = oo.ask_json("status")["mistakes"]
    return found


def test_what_is_saved_in_an_editor_counts_at_once(oo: Oo, sandbox: SandboxProcess) -> None:
    oo.start()
    oo.until_running()
    oo.ask("connect", "todoist")
    oo.until(lambda: TASK in oo.titles())
    before = file_of(oo).read_text()
    write(oo, before.replace("[todoist]", "[todoist]\nfilter = 'search: library'"))
    oo.until(lambda: oo.titles() == [TASK])
    with file_of(oo).open("r+") as file:  # as nano does: in place
        file.truncate()
        file.write(before)
    oo.until(lambda: len(oo.titles()) > 1)
    write(oo, "undo_seconds = 33\n" + before)
    oo.until(lambda: value(oo, "undo_seconds") == 33)


def test_a_mistake_is_named_with_its_line_and_what_counted_goes_on_counting(oo: Oo) -> None:
    oo.start()
    oo.until_running()
    before = file_of(oo).read_text()
    write(oo, "undo_seconds = 33\n" + before)
    oo.until(lambda: value(oo, "undo_seconds") == 33)
    write(oo, "# mine\nundo_seconds = 99\n" + before)
    said = "config.toml, line 2: undo_seconds must be from 0 to 60."
    oo.until(lambda: mistakes(oo) == [said])
    assert value(oo, "undo_seconds") == 33
    assert said in oo.printed()
    write(oo, "this is no [TOML\n" + before)
    oo.until(lambda: "at line 1" in str(mistakes(oo)))
    assert value(oo, "undo_seconds") == 33
    write(oo, "undo_seconds = 8\n" + before)
    oo.until(lambda: mistakes(oo) == [])
    assert value(oo, "undo_seconds") == 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[todoist]\napi_url = "http://example.com/"\n',
            "config.toml, line 2: todoist.api_url must use https",
        ),
        ("no TOML at all", "config.toml: "),
        ("poll_interval = 2\n", "config.toml, line 1: poll_interval must be from 5"),
    ],
)
def test_a_mistake_that_is_there_at_the_start_is_told_and_oo_starts(
    oo: Oo, text: str, said: str
) -> None:
    write(oo, text)
    oo.start()
    oo.until_running()
    assert mistakes(oo)[0].startswith(said)
    oo.until(lambda: said in oo.printed())
    assert said in oo.ask("status")


def test_a_setting_is_changed_from_the_command_line_and_the_rest_of_the_file_stays(oo: Oo) -> None:
    before = "# mine\n" + file_of(oo).read_text()
    write(oo, before)
    oo.start()
    oo.until_running()
    assert oo.ask("set", "show.all_day", "off") == "show.all_day = off\n"
    assert value(oo, "show.all_day") is False
    after = file_of(oo).read_text()
    assert after.startswith(before.rstrip())
    assert after.endswith("[show]\nall_day = false\n")
    assert "must be on or off" in oo.ask("set", "show.all_day", "maybe", code=1)
    assert "no setting" in oo.ask("set", "todoist.api_url", "https://example.com/", code=1)
    oo.ask("set", "show.all_day", "default")
    assert value(oo, "show.all_day") is True
    assert "all_day = " not in file_of(oo).read_text()


def test_titles_that_are_hidden_are_on_no_list(oo: Oo) -> None:
    oo.start()
    oo.until_running()
    oo.ask("connect", "todoist")
    oo.until(lambda: TASK in oo.titles())
    task = next(one["id"] for one in oo.ask_json("signals") if one["title"] == TASK)
    others = set(oo.titles()) - {TASK}
    oo.ask("set", "hide_titles", "on")
    shown = len(oo.printed())
    assert set(oo.titles()) == {"Task"}
    assert "library" not in oo.ask("signals")
    assert oo.ask("done", task).startswith("Done: Task\n")
    oo.until(lambda: "Undo “Task”" in oo.printed()[shown:])
    oo.ask("set", "hide_titles", "off")
    assert set(oo.titles()) == others


def test_starting_at_login_needs_no_running_oo(oo: Oo, tmp_path: Path) -> None:
    oo.environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    assert oo.ask_json("autostart") == {"on": False}
    assert "starts when you log in" in oo.ask("autostart", "on")
    entry = (tmp_path / "config" / "autostart" / "oo-desktop.desktop").read_text()
    assert f"OO_DESKTOP_HOME={oo.home}" in entry
    assert oo.ask_json("autostart", "off") == {"on": False}
