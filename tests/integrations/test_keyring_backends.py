"""Which keyring may hold a token. Each case in a process of its own: `keyring` keeps a registry."""

import subprocess
import sys
from pathlib import Path

import pytest

BACKENDS = """
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend

class Honest(KeyringBackend):
    priority = 1
    def get_password(self, service, username): return None
    def set_password(self, service, username, password): pass

class Unloved(Honest):
    priority = 0

class PlainTextKeyring(Honest):
    pass

class Heir(PlainTextKeyring):
    pass

class Late(Honest):
    @property
    def priority(self): raise RuntimeError("not here")

class Chain(ChainerBackend):
    priority = 10
    backends = [Honest(), PlainTextKeyring()]

class Needy(Honest):
    priority = 20
    def __init__(self, path): pass

Honest.__qualname__ = "Honest"
"""

ALT = """
from keyring.backend import KeyringBackend

class PlaintextKeyring(KeyringBackend):
    priority = 0.5
    def get_password(self, service, username): return None
    def set_password(self, service, username, password): pass

class EncryptedKeyring(PlaintextKeyring):
    priority = 0.6
"""

CHOOSE = """
from oo_desktop.integrations.keyring_backends import Hindered, backend_name, choose_backend
try:
    print(backend_name(choose_backend()))
except Hindered as error:
    print(error.hindrance.state)
"""


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    (tmp_path / "stand_in.py").write_text(BACKENDS)
    (tmp_path / "keyrings" / "alt").mkdir(parents=True)
    (tmp_path / "keyrings" / "alt" / "file.py").write_text(ALT)
    return tmp_path


def chosen(modules: Path, *, named: str | None = None, first: str = "") -> str:
    """What `choose_backend` does without any desktop, in a home of its own."""
    environment = {
        "PYTHONPATH": f"{modules}:{Path(__file__).parents[2]}",
        "HOME": str(modules),
        "XDG_CONFIG_HOME": str(modules / "config"),
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={modules}/no-bus",
    }
    if named is not None:
        environment["PYTHON_KEYRING_BACKEND"] = named
    program = [sys.executable, "-c", first + CHOOSE]
    return subprocess.check_output(program, env=environment, text=True, timeout=60).strip()


def test_the_users_choice_is_honoured(modules: Path) -> None:
    assert chosen(modules, named="stand_in.Honest") == "stand_in.Honest"


@pytest.mark.parametrize(
    "named",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "keyrings.alt.file.PlaintextKeyring",
        "keyrings.alt.file.EncryptedKeyring",
        "stand_in.PlainTextKeyring",
        "stand_in.Heir",
        "stand_in.Unloved",
        "stand_in.Chain",
    ],
)
def test_what_protects_nothing_is_refused_even_by_name(modules: Path, named: str) -> None:
    assert chosen(modules, named=named) == "insecure"


@pytest.mark.parametrize(
    "named",
    ["no_such_module.Keyring", "stand_in.Missing", "nonsense", "keyring.backends.Windows.Nothing"],
)
def test_a_name_that_cannot_be_loaded_is_absent(modules: Path, named: str) -> None:
    assert chosen(modules, named=named) == "absent"


def test_a_named_keyring_that_is_not_there_yet_is_absent(modules: Path) -> None:
    assert chosen(modules, named="keyring.backends.SecretService.Keyring") == "absent"


def test_the_choice_in_keyrings_own_settings_is_honoured(modules: Path) -> None:
    folder = modules / "config" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=stand_in.Honest\n")
    assert chosen(modules) == "stand_in.Honest"


def test_without_any_keyring_none_is_chosen(modules: Path) -> None:
    assert chosen(modules) == "absent"


def test_plain_text_never_wins_because_nothing_else_is_there(modules: Path) -> None:
    assert chosen(modules, first="import keyrings.alt.file\n") == "absent"


def test_a_plug_in_is_found_when_the_desktop_has_no_keyring(modules: Path) -> None:
    assert chosen(modules, first="import stand_in\n") == "stand_in.Honest"


def test_a_keyring_that_comes_late_is_seen_at_the_next_choice(modules: Path) -> None:
    first = "import keyring; keyring.get_keyring()\nimport stand_in\n"
    assert chosen(modules, first=first) == "stand_in.Honest"


def test_choosing_loads_keyring_and_importing_the_port_does_not(modules: Path) -> None:
    first = """
import sys
import oo_desktop.integrations.keyring, oo_desktop.integrations.vault
assert "keyring" not in sys.modules
"""
    assert chosen(modules, first=first, named="stand_in.Honest") == "stand_in.Honest"
