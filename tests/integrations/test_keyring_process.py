"""The keyring's own process, for real: how it comes, what crosses, and how it goes."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oo_desktop.integrations.keyring_backends import Hindered, Hindrance
from oo_desktop.integrations.keyring_process import ProcessKeyring

ENTRY = ("oo-desktop:todoist:1", "1")

BACKEND = """
import json, os, sys, threading, time
from pathlib import Path
from keyring.backend import KeyringBackend

FILE = Path(__file__).with_name("entries.json")

class Keeper(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        match service:
            case "dies":
                os._exit(7)
            case "hangs":
                Path(__file__).with_name("hangs").touch()
                threading.Event().wait()
            case "prints":
                print("hello")
                os.system("echo hello")
            case "reads":
                return sys.stdin.read() + "nothing"
            case "pid":
                return str(os.getpid())
            case "seen":
                return " ".join([*sys.orig_argv, *os.environ.values()])
        return self._entries().get(service)

    def set_password(self, service, username, password):
        FILE.write_text(json.dumps({**self._entries(), service: password}))

    def delete_password(self, service, username):
        FILE.write_text(json.dumps({k: v for k, v in self._entries().items() if k != service}))

    def _entries(self):
        return json.loads(FILE.read_text()) if FILE.exists() else {}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kept_in_a_file.py").write_text(BACKEND)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "kept_in_a_file.Keeper")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


Make = Callable[..., ProcessKeyring]


@pytest.fixture
def make(folder: Path) -> Iterator[Make]:
    made: list[ProcessKeyring] = []

    def make(**seconds: float) -> ProcessKeyring:
        made.append(ProcessKeyring(**seconds))
        return made[-1]

    yield make
    for each in made:
        each.close()
        await_that(lambda each=each: not each._all)  # type: ignore[misc]  # mypy infers no default


def await_that(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.01)


def pid_of(own: ProcessKeyring) -> int:
    return int(own.get_password("pid", "") or 0)


def exists(pid: int) -> bool:
    """Whether there is such a process; one that nobody has waited for counts, too."""
    return Path(f"/proc/{pid}").exists()


def hang(own: ProcessKeyring, folder: Path) -> tuple[threading.Thread, list[Hindered]]:
    """Let a call hang in the back end; return its thread, and what it will have raised."""
    raised: list[Hindered] = []

    def call() -> None:
        try:
            own.get_password("hangs", "")
        except Hindered as error:
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    # Where the machine is slow, a call that may take little time is over before it gets there.
    await_that(lambda: (folder / "hangs").exists() or not thread.is_alive())
    return thread, raised


def test_what_is_set_is_got_and_deleted_by_the_back_end_of_the_environment(make: Make) -> None:
    own = make()
    assert own.choose() is own
    assert own.name == "kept_in_a_file.Keeper"
    own.set_password(*ENTRY, "planted ☂ \"'\n")
    assert own.get_password(*ENTRY) == "planted ☂ \"'\n"
    own.delete_password(*ENTRY)
    assert own.get_password(*ENTRY) is None
    assert own.lock_of(*ENTRY) is None


def test_calls_in_turn_share_a_process(make: Make) -> None:
    own = make()
    assert pid_of(own) == pid_of(own)


def test_a_process_that_is_not_asked_for_a_while_is_gone_and_leaves_no_zombie(make: Make) -> None:
    own = make(kept=0.05)
    pid = pid_of(own)
    await_that(lambda: not exists(pid))
    assert pid_of(own) != pid


def test_a_secret_is_in_no_argument_and_in_no_environment(make: Make) -> None:
    own = make()
    own.set_password(*ENTRY, "planted")
    seen = own.get_password("seen", "")
    assert seen is not None
    assert "planted" not in seen
    assert ENTRY[0] not in seen


def test_a_process_that_dies_in_a_call_is_a_failure_and_the_next_call_has_another(
    make: Make,
) -> None:
    own = make()
    pid = pid_of(own)
    with pytest.raises(Hindered) as raised:
        own.get_password("dies", "")
    assert raised.value.hindrance is Hindrance.FAILED
    assert not exists(pid)
    assert own.get_password(*ENTRY) is None


def test_a_process_that_is_killed_between_calls_is_a_failure_once(make: Make) -> None:
    own = make()
    os.kill(pid_of(own), 9)
    with pytest.raises(Hindered):
        own.get_password(*ENTRY)
    assert own.get_password(*ENTRY) is None


def test_a_call_that_hangs_keeps_no_other_from_the_keyring(make: Make, folder: Path) -> None:
    own = make()
    thread, _ = hang(own, folder)
    assert own.get_password(*ENTRY) is None
    own.close()
    thread.join()


def test_a_call_that_hangs_for_long_is_ended_with_its_process(make: Make) -> None:
    own = make(hanging=0.5)
    with pytest.raises(Hindered) as caught:
        own.get_password("hangs", "")
    assert caught.value.hindrance is Hindrance.FAILED
    assert own._all == set()


def test_closing_ends_a_call_that_hangs(make: Make, folder: Path) -> None:
    own = make()
    thread, raised = hang(own, folder)
    own.close()
    thread.join()
    assert [error.hindrance for error in raised] == [Hindrance.FAILED]
    assert own._all == set()


def test_after_the_end_no_call_works(make: Make) -> None:
    own = make()
    own.close()
    with pytest.raises(Hindered):
        own.get_password(*ENTRY)


def test_what_a_back_end_prints_is_no_answer(make: Make, capfd: pytest.CaptureFixture[str]) -> None:
    own = make()
    assert own.get_password("prints", "") is None
    assert own.get_password(*ENTRY) is None
    assert capfd.readouterr() == ("", "hello\nhello\n")


def test_a_back_end_that_reads_from_standard_input_finds_nothing(make: Make) -> None:
    assert make().get_password("reads", "") == "nothing"


def test_a_back_end_that_cannot_be_loaded_is_told(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no_such_module.Keyring")
    with pytest.raises(Hindered) as raised:
        make().choose()
    assert raised.value.hindrance is Hindrance.NOT_LOADED


def test_the_process_ends_with_oo_though_a_call_hangs(folder: Path) -> None:
    """Killed, oO can end nobody: the process sees that its standard input is at its end."""
    program = """
import threading
from oo_desktop.integrations.keyring_process import ProcessKeyring
own = ProcessKeyring()
own.choose()
threading.Thread(target=own.get_password, args=("hangs", "")).start()
print([each._process.pid for each in own._all][0], flush=True)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE
    ) as oo:
        assert oo.stdout is not None
        pid = int(oo.stdout.readline())
        await_that((folder / "hangs").exists)
        oo.kill()
    await_that(lambda: not exists(pid) or "Z (zombie)" in Path(f"/proc/{pid}/status").read_text())


def test_entries_written_through_it_are_whole(make: Make, folder: Path) -> None:
    own = make()
    own.set_password(*ENTRY, "x" * 1200)
    assert json.loads((folder / "entries.json").read_text()) == {ENTRY[0]: "x" * 1200}
