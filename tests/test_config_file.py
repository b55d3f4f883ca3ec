"""A secret is taken out of config.toml, and nothing else in the file is touched."""

import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.config_file import forget_secret, without_secret

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
