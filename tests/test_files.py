"""A file is replaced in one step, or stays as it was."""

import os
import stat
from pathlib import Path

import pytest

from oo_desktop.files import FileChanged, content_of, replace_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    return path


def test_it_is_another_file_with_the_same_rights(file: Path) -> None:
    file.chmod(0o640)
    old = file.stat().st_ino
    replace_file(file, b"after", before=b"before")
    assert content_of(file) == b"after"
    assert file.stat().st_ino != old
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_link_stays_a_link(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    replace_file(link, b"after", before=b"before")
    assert link.is_symlink()
    assert file.read_bytes() == b"after"


@pytest.mark.parametrize("before", [b"another", None])
def test_what_was_changed_or_made_meanwhile_stays(file: Path, before: bytes | None) -> None:
    with pytest.raises(FileChanged):
        replace_file(file, b"after", before=before)
    assert file.read_bytes() == b"before"
    assert os.listdir(file.parent) == ["file"]  # noqa: PTH208  # names, not paths


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new"
    assert content_of(path) is None
    replace_file(path, b"after", before=None)
    assert content_of(path) == b"after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
