"""What a Debian package is called, needs and holds, as far as can be said without building one."""

import re
from datetime import UTC, datetime
from pathlib import Path

import debian_package
import pytest
from debian_package import DebianError, debian_version, lay_out_system, packages_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("0.1.0", "0.1.0-1"),
        ("0.2.0.dev3", "0.2.0~dev3-1"),
        ("1.0a1", "1.0~a1-1"),
        ("1.0rc2", "1.0~rc2-1"),
    ],
)
def test_a_version_before_a_release_sorts_before_it(ours: str, theirs: str) -> None:
    assert debian_version(ours) == theirs


def test_every_file_for_the_desktop_has_a_place() -> None:
    names = {f"desktop/{path.name}" for path in (ROOT / "resources/desktop").iterdir()}
    assert names <= debian_package.PLACES.keys()


def test_a_file_for_the_desktop_without_a_place_is_named(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "bin").mkdir(parents=True)
    (tree / "bin/python3").symlink_to("/usr/bin/python3")
    (tmp_path / "resources/desktop").mkdir(parents=True)
    (tmp_path / "resources/desktop/new.xml").touch()
    with pytest.raises(DebianError, match=r"new\.xml"):
        lay_out_system(tmp_path / "root", tree, tmp_path / "resources", texts={}, launcher="")


def test_the_command_is_the_launcher_and_the_interpreter_a_relative_link(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "bin").mkdir(parents=True)
    (tree / "bin/python3").symlink_to("/usr/bin/python3")
    root = tmp_path / "root"
    lay_out_system(
        root, tree, ROOT / "resources", texts={"usr/share/a": "text"}, launcher="#!launch"
    )
    assert (root / "usr/bin/oo-desktop").read_text() == "#!launch"
    assert (root / "usr/bin/oo-desktop").stat().st_mode & 0o111
    assert (root / "usr/share/a").read_text() == "text"
    python = (root / debian_package.FOLDER / "bin/python3").readlink()
    assert (root / debian_package.FOLDER / "bin" / python).resolve(strict=False) == (
        root / "usr/bin/python3"
    )


def test_libraries_are_packages_and_those_of_libc_are_one() -> None:
    found = packages_of(["libm.so.6", "libc.so.6", "libgthread-2.0.so.0", "libglib-2.0.so.0"])
    assert found == ["libc6 (>= 2.34)", "libglib2.0-0"]


def test_a_library_of_which_no_package_is_known_is_named() -> None:
    with pytest.raises(DebianError, match=r"libnew\.so\.1"):
        packages_of(["libc.so.6", "libnew.so.1"])


def test_bytecode_goes_before_the_files_it_was_made_of() -> None:
    """At an upgrade, too: dpkg leaves a folder that is not empty behind."""
    script = (debian_package.FILES / "prerm").read_text()
    assert f"find /{debian_package.FOLDER} -type d -name __pycache__" in script
    assert "$1" not in script


def test_the_changelog_is_dated_with_the_commit(tmp_path: Path) -> None:
    when = datetime(2026, 11, 29, 12, tzinfo=UTC)
    text = debian_package._changelog("1.0-1", when)
    assert re.fullmatch(
        r"oo-desktop \(1\.0-1\) unstable; urgency=medium\n\n  \* .+\n\n"
        r" -- .+ <.+@.+>  Sun, 29 Nov 2026 12:00:00 \+0000\n",
        text,
    )
    assert debian_package._packed(text) == debian_package._packed(text)


def test_what_man_db_keeps_of_the_manual_goes_with_it() -> None:
    script = (debian_package.FILES / "postrm").read_text()
    assert f"/var/cache/man/cat1/{Path(debian_package.MANUAL).name}.gz" in script
