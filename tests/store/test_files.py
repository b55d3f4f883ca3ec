"""Files that are whole or not there, on file systems of every kind."""

import subprocess
import sys
from pathlib import Path

import pytest

from oo_desktop.store.files import put_new

WITHOUT_LINKS = """
import errno, os, sys
from pathlib import Path
from oo_desktop.store.files import put_new

path, says = Path(sys.argv[1]), int(sys.argv[2])

def audit(event, arguments):
    if event == "os.link":
        if len(sys.argv) > 3:
            path.write_bytes(b"meanwhile")
        raise OSError(says, os.strerror(says))

sys.addaudithook(audit)
try:
    put_new(path, b"content")
except OSError as error:
    print(errno.errorcode[error.errno])
"""


def put_without_links(path: Path, says: int, *more: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_LINKS, str(path), str(says), *more],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.strip()


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def test_a_new_file_has_its_content_and_is_the_users_alone(tmp_path: Path) -> None:
    put_new(tmp_path / "new", b"content" * 100_000)
    assert (tmp_path / "new").read_bytes() == b"content" * 100_000
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["new"]


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"precious")
    put_new(tmp_path / "new", b"content")
    assert (tmp_path / "new").read_bytes() == b"precious"
    assert names(tmp_path) == ["new"]


@pytest.mark.parametrize(("more", "content"), [([], b"content"), (["taken"], b"meanwhile")])
def test_a_file_system_without_hard_links_does_as_well(
    tmp_path: Path, more: list[str], content: bytes
) -> None:
    assert put_without_links(tmp_path / "new", 1, *more) == ""  # EPERM, as vfat says
    assert (tmp_path / "new").read_bytes() == content
    assert names(tmp_path) == ["new"]


def test_any_other_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    assert put_without_links(tmp_path / "new", 28) == "ENOSPC"
    assert names(tmp_path) == []
