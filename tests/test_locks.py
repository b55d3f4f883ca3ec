"""A lock is of one process, for as long as that holds its file open."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from oo_desktop.locks import try_lock

ELSEWHERE = (
    "import os, sys; from oo_desktop.locks import try_lock\n"
    "number = os.open(sys.argv[1], os.O_RDWR)\n"
    "print(try_lock(number, shared=sys.argv[2] == 'shared'))"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.lock"
    path.touch()
    return path


def elsewhere(file: Path, kind: str) -> bool:
    """Whether another process gets it."""
    command = [sys.executable, "-c", ELSEWHERE, str(file), kind]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"


def test_whoever_has_it_shuts_out_all_others_until_it_is_closed(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    assert try_lock(descriptor)
    assert not elsewhere(file, "alone")
    assert not elsewhere(file, "shared")
    os.close(descriptor)
    assert elsewhere(file, "alone")


def test_who_only_looks_shuts_out_nobody_who_looks(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    assert try_lock(descriptor, shared=True)
    assert elsewhere(file, "shared")
    assert not elsewhere(file, "alone")
    os.close(descriptor)


def test_what_cannot_be_locked_is_an_error(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    os.close(descriptor)
    with pytest.raises(OSError, match=r"."):
        try_lock(descriptor)
