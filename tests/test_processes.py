import subprocess
import sys
from collections.abc import Iterator

import pytest

from oo_desktop.processes import KEYRING, child_command


@pytest.fixture
def frozen() -> Iterator[None]:
    sys.frozen = True  # type: ignore[attr-defined]  # as PyInstaller and Nuitka say it
    yield
    del sys.frozen  # type: ignore[attr-defined]  # as above


def test_a_child_is_this_interpreter_isolated_and_without_site() -> None:
    assert child_command(KEYRING)[:4] == [sys.executable, "-I", "-S", "-c"]


def test_a_frozen_program_starts_itself_with_the_childs_word(frozen: None) -> None:
    assert child_command(KEYRING) == [sys.executable, KEYRING]


def test_a_child_imports_from_where_its_parent_does_and_never_from_the_working_folder() -> None:
    sys.path.insert(0, "")
    try:
        command = child_command(KEYRING)
    finally:
        sys.path.remove("")
    assert command[6:] == [each for each in sys.path if each]


def test_a_child_ends_well_when_its_parent_says_no_more() -> None:
    ended = subprocess.run(
        child_command(KEYRING),
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_a_child_that_asks_the_keyring_imports_neither_qt_nor_asyncio() -> None:
    loaded = "import sys; print({'asyncio', 'PySide6', 'msgspec', 'logging'} & set(sys.modules))"
    program = f"import oo_desktop.__main__, oo_desktop.integrations.keyring_child; {loaded}"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\n"
