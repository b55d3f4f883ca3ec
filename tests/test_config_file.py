"""One value of config.toml is changed, and nothing else in the file is touched."""

import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.config_file import (
    forget_secret,
    with_setting,
    without_secret,
    write_setting,
)
from oo_desktop.errors import ConfigError
from oo_desktop.model.settings import Value

SECRET = "GOCSPX-s3cret"  # made up

BEFORE = """\ufeff# mine: client_secret = "GOCSPX-s3cret" was the old one
poll_interval = 30   # seconds
\r
[todoist]
filter = "client_secret = \\"GOCSPX-s3cret\\""

[google_calendar]
client_id = "an-id"\t
client_secret   =  "GOCSPX-s3cret"   # moved to the keyring when read
days_ahead = 2
"""


def without(text: str) -> str | None:
    found = without_secret(
        text.encode(), section="google_calendar", key="client_secret", secret=SECRET
    )
    return None if found is None else found.decode()


def forget(path: Path) -> bool:
    return forget_secret(path, section="google_calendar", key="client_secret", secret=SECRET)


def test_the_value_is_emptied_and_every_other_byte_stays() -> None:
    line = 'client_secret   =  "GOCSPX-s3cret"   #'
    assert BEFORE.count(line) == 1
    assert without(BEFORE) == BEFORE.replace(line, 'client_secret   =  ""   #')


SECTION = "[google_calendar]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SECTION + "client_secret = 'GOCSPX-s3cret'", SECTION + 'client_secret = ""'),
        (SECTION + "client_secret = '''GOCSPX-s3cret'''", SECTION + 'client_secret = ""'),
        ('google_calendar.client_secret="GOCSPX-s3cret"', 'google_calendar.client_secret=""'),
        (
            'google_calendar = { client_id = "x", client_secret = "GOCSPX-s3cret" }',
            'google_calendar = { client_id = "x", client_secret = "" }',
        ),
        (
            SECTION + '"client\\u005fsecret" = """\\\n  GOCSPX\\u002Ds3cret"""\n',
            SECTION + '"client\\u005fsecret" = ""\n',
        ),
        (
            f'[other]\nclient_secret = "{SECRET}"\n{SECTION}client_secret = "{SECRET}"\n',
            f'[other]\nclient_secret = "{SECRET}"\n{SECTION}client_secret = ""\n',
        ),
    ],
)
def test_it_is_found_however_it_is_written(before: str, after: str) -> None:
    assert without(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "",
        "poll_interval = 5",
        '[google_calendar]\nclient_secret = "another"',
        "google_calendar = 5",
        "this is [no TOML",
    ],
)
def test_a_file_that_does_not_hold_it_stays_as_it_is(text: str) -> None:
    assert without(text) == text


def test_what_is_not_text_is_left_alone() -> None:
    assert without_secret(b"\xff", section="a", key="b", secret=SECRET) is None


@given(
    comment=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30),
    secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    other=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_whatever_stands_around_it_stays(comment: str, secret: str, other: str) -> None:
    def quoted(value: str) -> str:
        return '"' + "".join(f"\\U{ord(char):08x}" for char in value) + '"'

    text = (
        f"# {comment}\n[google_calendar]\nclient_id = {quoted(other)} # {comment}\n"
        f"client_secret = {quoted(secret)} # {comment}\n"
    )
    changed = without_secret(
        text.encode(), section="google_calendar", key="client_secret", secret=secret
    )
    assert changed == text.replace(f"secret = {quoted(secret)}", 'secret = ""').encode()


def test_the_file_is_replaced_whole_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(BEFORE.encode())
    path.chmod(0o640)
    old = path.stat().st_ino
    assert forget(path)
    assert tomllib.loads(path.read_text("utf-8-sig"))["google_calendar"]["client_secret"] == ""
    assert path.stat().st_ino != old
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["config.toml"]  # noqa: PTH208  # names, not paths


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "oo.toml"
    real.parent.mkdir()
    real.write_bytes(BEFORE.encode())
    path = tmp_path / "config.toml"
    path.symlink_to(real)
    assert forget(path)
    assert path.is_symlink()
    assert SECRET not in real.read_text("utf-8").splitlines()[-2]


def test_no_file_holds_nothing(tmp_path: Path) -> None:
    assert forget(tmp_path / "config.toml")


def test_a_file_that_cannot_be_read_stays(tmp_path: Path) -> None:
    assert not forget(tmp_path)


# One setting


def changed(text: str, name: str, value: Value | None) -> str:
    return with_setting(text.encode(), name, value).decode()


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        pytest.param("", "hide_titles", True, "hide_titles = true\n", id="into an empty file"),
        pytest.param("# mine\n", "undo_seconds", 3, "# mine\nundo_seconds = 3\n", id="a comment"),
        pytest.param(
            "undo_seconds = 5   # calm\n",
            "undo_seconds",
            3,
            "undo_seconds = 3   # calm\n",
            id="new",
        ),
        pytest.param(
            "a = 1\n\n[todoist]\nfilter = 'x'\n",
            "undo_seconds",
            3,
            "a = 1\nundo_seconds = 3\n\n[todoist]\nfilter = 'x'\n",
            id="before the first section",
        ),
        pytest.param(
            "[todoist]\n# why\nfilter = '''x'''  # this\n[ics]\ndays_ahead = 1\n",
            "todoist.filter",
            "#Work",
            '[todoist]\n# why\nfilter = "#Work"  # this\n[ics]\ndays_ahead = 1\n',
            id="within a section",
        ),
        pytest.param(
            "a = 1\n", "show.all_day", False, "a = 1\n\n[show]\nall_day = false\n", id="a section"
        ),
        pytest.param(
            "show.tentative = true\n",
            "show.all_day",
            False,
            "show.tentative = true\nshow.all_day = false\n",
            id="dotted",
        ),
        pytest.param(
            "show = { tentative = true }  # so\n",
            "show.all_day",
            False,
            "show = { tentative = true, all_day = false}  # so\n",
            id="inline",
        ),
        pytest.param("\ufeffx = 1\r\n# y\r\n", "x", 2, "\ufeffx = 2\r\n# y\r\n", id="from Windows"),
        pytest.param("[show]\nall_day = false\n", "show.all_day", None, "[show]\n", id="out"),
        pytest.param("# nothing\n", "show.all_day", None, "# nothing\n", id="out of nowhere"),
    ],
)
def test_a_value_is_set_and_every_other_character_stays(
    before: str, name: str, value: Value | None, after: str
) -> None:
    assert changed(before, name, value) == after


NAMES = st.sampled_from(["undo_seconds", "todoist.filter", "show.all_day", "new.key"])
LINES = st.lists(
    st.sampled_from(
        [
            "# a comment",
            "",
            "unknown = 5 # stays",
            "undo_seconds = 3",
            "[todoist] # t",
            "  filter = 'x' # f",
            "[show]",
            "all_day = true",
            "[[more]]",
            "[todoist.sub]",
            'text = """',
            '"""',
        ]
    ),
    max_size=12,
)


@given(lines=LINES, name=NAMES, value=st.sampled_from([1, True, "a # b = '\"", 2.5]))
def test_whatever_the_file_is_like_its_lines_stay_in_their_order(
    lines: list[str], name: str, value: Value
) -> None:
    text = "\n".join(lines)
    try:
        raw = tomllib.loads(text)
        after = changed(text, name, value)
    except (tomllib.TOMLDecodeError, ConfigError):
        return
    *sections, key = name.split(".")
    into = raw
    for section in sections:
        into = into.setdefault(section, {})
    replaced = key in into
    into[key] = value
    assert tomllib.loads(after) == raw
    kept = after.split("\n")
    one_less = [lines[:at] + lines[at + 1 :] for at in range(len(lines))]
    assert any(is_part_of(part, kept) for part in (one_less if replaced else [lines]))


def is_part_of(lines: list[str], others: list[str]) -> bool:
    """Whether all of `lines` are there, in their order."""
    rest = iter(others)
    return all(line in rest for line in lines)


@pytest.mark.parametrize("text", ["this is [no TOML", "show = 5"])
def test_a_file_it_does_not_understand_is_not_changed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        write_setting(path, "show.all_day", False, check=lambda _text: None)
    assert path.read_text() == text


def test_a_file_is_made_where_there_is_none_and_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "not" / "there" / "config.toml"
    write_setting(path, "hide_titles", True, check=lambda _text: None)
    assert path.read_text() == "hide_titles = true\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_the_check_refuses_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"

    def check(text: str) -> None:
        assert text == "undo_seconds = 99\n"
        raise ConfigError("No.")

    with pytest.raises(ConfigError, match=r"No\."):
        write_setting(path, "undo_seconds", 99, check=check)
    assert not path.exists()


def test_what_another_program_writes_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("undo_seconds = 1\n")
    others = iter(["undo_seconds = 2\n# theirs\n"])

    def check(_text: str) -> None:
        for text in others:
            path.write_text(text)

    write_setting(path, "hide_titles", True, check=check)
    assert path.read_text() == "undo_seconds = 2\n# theirs\nhide_titles = true\n"


def test_who_never_stops_writing_keeps_the_last_word(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    with pytest.raises(ConfigError, match="keeps changing"):
        write_setting(
            path, "hide_titles", True, check=lambda _: path.write_text(path.read_text() + "# x\n")
        )
    assert "hide_titles" not in path.read_text()
    assert os.listdir(tmp_path) == ["config.toml"]  # noqa: PTH208  # names, not paths


def test_a_folder_that_takes_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot"):
        write_setting(tmp_path / "file" / "config.toml", "x", 1, check=lambda _text: None)
