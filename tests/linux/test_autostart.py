"""Starting with the session: the entry says it, to every desktop and to oO alike."""

import shlex
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.errors import ConfigError
from oo_desktop.folders import resource
from oo_desktop.linux.autostart import NAME, XdgAutostart, exec_line, own_command

COMMAND = ["/home/ada/.local/bin/oo-desktop"]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """What starts oO, in a folder as odd as folders are."""
    program = tmp_path / "my \\new apps" / "oo-desktop"
    program.parent.mkdir()
    program.touch(mode=0o755)
    return program


@pytest.fixture
def autostart(tmp_path: Path, program: Path) -> XdgAutostart:
    environment = {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_CONFIG_DIRS": f"relative:{tmp_path / 'system'}",
    }
    return XdgAutostart(environment=environment, command=[str(program)])


def packaged(tmp_path: Path) -> None:
    file = tmp_path / "system" / "autostart" / NAME
    file.parent.mkdir(parents=True)
    file.write_text("[Desktop Entry]\nType=Application\nName=oO\nExec=oo-desktop\n")


def test_at_first_it_does_not(autostart: XdgAutostart) -> None:
    assert not autostart.is_on()


def test_it_is_turned_on_and_off(autostart: XdgAutostart) -> None:
    autostart.turn(on=True)
    assert autostart.is_on()
    assert "\nExec=" in autostart.file.read_text()
    assert stat.S_IMODE(autostart.file.stat().st_mode) == 0o600
    autostart.turn(on=False)
    assert not autostart.is_on()
    assert not autostart.file.exists()
    autostart.turn(on=False)


@pytest.mark.parametrize(
    ("line", "on"),
    [
        ("", True),
        ("Hidden=true", False),
        ("Hidden=false", True),
        ("X-GNOME-Autostart-enabled=false", False),
        ("X-GNOME-Autostart-enabled=true", True),
        ("# Hidden=true", True),
        ("[Another Group]\nHidden=true", True),
    ],
)
def test_what_a_desktop_wrote_into_it_counts(
    autostart: XdgAutostart, line: str, *, on: bool
) -> None:
    autostart.turn(on=True)
    autostart.file.write_text(autostart.file.read_text() + line + "\n")
    assert autostart.is_on() is on
    autostart.turn(on=True)
    assert autostart.is_on()


@pytest.mark.parametrize("home", ["", "/tmp/oo"])  # named, never opened
def test_an_oo_that_was_removed_is_not_started(tmp_path: Path, program: Path, home: str) -> None:
    command = ["env", f"OO_DESKTOP_HOME={home}"] if home else []
    autostart = XdgAutostart(
        environment={"XDG_CONFIG_HOME": str(tmp_path)}, command=[*command, str(program)]
    )
    autostart.turn(on=True)
    escaped = str(program).replace("\\", "\\\\")
    assert f"\nTryExec={escaped}\n" in autostart.file.read_text()
    assert autostart.is_on()
    program.unlink()
    assert not autostart.is_on()


def test_a_flatpak_is_started_from_outside(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "FLATPAK_ID": "org.oo_desktop.Oo"}
    autostart = XdgAutostart(environment=environment)
    autostart.turn(on=True)
    text = autostart.file.read_text()
    assert "\nExec=flatpak run org.oo_desktop.Oo\n" in text
    assert "TryExec" not in text
    assert autostart.is_on()


def test_where_a_package_starts_it_the_user_has_the_last_word(
    autostart: XdgAutostart, tmp_path: Path
) -> None:
    packaged(tmp_path)
    assert autostart.is_on()
    autostart.turn(on=False)
    assert not autostart.is_on()
    assert "Hidden=true" in autostart.file.read_text()
    autostart.turn(on=True)
    assert autostart.is_on()


def test_a_link_to_the_entry_stays_one(autostart: XdgAutostart, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.desktop"
    real.write_text("[Desktop Entry]\nExec=oo-desktop\nHidden=true\n")
    autostart.file.parent.mkdir(parents=True)
    autostart.file.symlink_to(real)
    autostart.turn(on=True)
    assert autostart.file.is_symlink()
    assert "Hidden" not in real.read_text()


def test_a_folder_that_takes_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "autostart").write_text("")
    blocked = XdgAutostart(environment={"XDG_CONFIG_HOME": str(tmp_path)}, command=COMMAND)
    with pytest.raises(ConfigError, match="cannot write"):
        blocked.turn(on=True)


def test_a_relative_folder_does_not_count() -> None:
    found = XdgAutostart(environment={"XDG_CONFIG_HOME": "config"}, command=COMMAND).file
    assert found == Path.home() / ".config" / "autostart" / NAME


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("/usr/bin/oo-desktop", "/usr/bin/oo-desktop"),
        ("/opt/my apps/oo", '"/opt/my apps/oo"'),
        ("100%", "100%%"),
        ('a"b', '"a\\\\"b"'),
        ("a$b", '"a\\\\$b"'),
        ("a\\b", '"a\\\\\\\\b"'),
        ("", '""'),
    ],
)
def test_an_argument_is_quoted_as_the_specification_says(word: str, said: str) -> None:
    assert exec_line([word]) == said


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("/opt/my apps/oo", '"/opt/my apps/oo"'),
        ("/opt/Ada's/oo", 'env "/opt/Ada\'s/oo"'),
        ('/opt/"new"/oo', 'env "/opt/\\\\"new\\\\"/oo"'),
        ("/opt/50%/oo", "env /opt/50%%/oo"),
        ("/opt/a=50%/oo", "/opt/a=50%%/oo"),  # env would take it for a variable
    ],
)
def test_a_program_that_systemd_would_not_start_is_started_by_env(
    tmp_path: Path, program: str, said: str
) -> None:
    autostart = XdgAutostart(environment={"XDG_CONFIG_HOME": str(tmp_path)}, command=[program])
    autostart.turn(on=True)
    lines = autostart.file.read_text().splitlines()
    assert f"Exec={said}" in lines
    assert f"TryExec={program}" in lines


def test_what_no_entry_can_say_is_refused() -> None:
    with pytest.raises(ConfigError):
        exec_line(["/opt/a\nHidden=true"])


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"])), min_size=1
    )
)
def test_any_command_is_read_back_as_it_was(command: list[str]) -> None:
    """As readers do: the escapes of a value first, then quotes (here those of a shell), then %."""
    value = exec_line(command).replace("\\\\", "\\")
    quoted = [word.replace("%%", "%") for word in shlex.split(value)]
    if not any("\\" in word or "$" in word or "`" in word for word in command):
        assert quoted == command


def test_the_home_that_was_named_stays_the_home() -> None:
    command = own_command({"OO_DESKTOP_HOME": "/tmp/oo"})  # never opened
    assert command[:2] == ["env", "OO_DESKTOP_HOME=/tmp/oo"]
    assert own_command({})[-2:] == ["-m", "oo_desktop"]


def test_the_entry_is_one(autostart: XdgAutostart) -> None:
    autostart.turn(on=True)
    entries = (autostart.file, resource("desktop/oo-desktop.desktop"))
    check = subprocess.run(
        ["desktop-file-validate", *entries], capture_output=True, text=True, check=False
    )
    assert check.stdout == ""
