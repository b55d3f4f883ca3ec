"""The folder, the lock and the socket's file, with real processes and real file modes."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from oo_desktop.ipc.client import ask, running_pid
from oo_desktop.ipc.instance import InstanceError, InstanceLock, NotRunning, RuntimeFolder

HOLD = """
import sys, time
from pathlib import Path
from oo_desktop.ipc.instance import InstanceLock
sys.stdin.readline()
lock = InstanceLock.acquire(Path(sys.argv[1]))
listener = lock and lock.listen()
print("held" if lock else "refused", flush=True)
sys.stdin.readline()
"""


class Holder:
    """Is a process that takes the lock when told to, and keeps it until it is ended."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def outcome(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_one_can_hold_the_lock(folder: Path) -> None:
    first = InstanceLock.acquire(folder)
    assert first is not None
    assert InstanceLock.acquire(folder) is None
    first.release()
    second = InstanceLock.acquire(folder)
    assert second is not None
    second.release()
    second.release()  # twice does no harm


def test_of_many_that_start_at_the_same_moment_exactly_one_runs(folder: Path) -> None:
    holders = [Holder(folder) for _ in range(8)]
    try:
        for holder in holders:
            holder.go()
        outcomes = [holder.outcome() for holder in holders]
    finally:
        for holder in holders:
            holder.kill()
    assert sorted(outcomes) == ["held"] + ["refused"] * 7


def test_after_kill_9_the_next_one_starts_in_place_of_the_stale_socket(folder: Path) -> None:
    dead = Holder(folder)
    dead.go()
    assert dead.outcome() == "held"
    assert running_pid(folder) == dead.process.pid
    dead.kill()
    assert (folder / "oo-desktop.sock").is_socket()
    assert running_pid(folder) is None
    with pytest.raises(NotRunning):
        ask(folder, "status")
    lock = InstanceLock.acquire(folder)
    assert lock is not None
    with lock, lock.listen(), socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(folder / "oo-desktop.sock"))


def test_folder_lock_and_socket_are_closed_to_others_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        lock = InstanceLock.acquire(folder)
        assert lock is not None
        with lock, lock.listen():
            assert mode(folder) == 0o700
            assert mode(folder / "oo-desktop.sock") == 0o600
            assert mode(folder / "oo-desktop.lock") == 0o600
    finally:
        os.umask(before)


def test_a_folder_others_may_look_into_is_closed(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o755)
    lock = InstanceLock.acquire(folder)
    assert lock is not None
    lock.release()
    assert mode(folder) == 0o700


@pytest.mark.parametrize("loose", [0o770, 0o777, 0o1777, 0o722])
def test_a_folder_others_may_write_into_is_refused_by_both_ends(folder: Path, loose: int) -> None:
    folder.mkdir()
    folder.chmod(loose)
    with pytest.raises(InstanceError, match="chmod 700"):
        InstanceLock.acquire(folder)
    with pytest.raises(InstanceError, match="chmod 700"):
        ask(folder, "connect", {"token": "s3cret"})
    assert list(folder.iterdir()) == []


def test_a_folder_of_another_user_is_refused(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    with pytest.raises(InstanceError, match="another user"):
        RuntimeFolder.open(folder, owner=os.getuid() + 1)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_given_to_another_user_is_refused_by_both_ends(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    with pytest.raises(InstanceError, match="another user"):
        InstanceLock.acquire(folder)
    with pytest.raises(InstanceError, match="another user"):
        ask(folder, "status")


def test_a_link_planted_as_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "private"
    target.mkdir(mode=0o700)
    folder.symlink_to(target)
    with pytest.raises(InstanceError, match="link"):
        InstanceLock.acquire(folder)
    with pytest.raises(InstanceError, match="link"):
        ask(folder, "status")
    assert list(target.iterdir()) == []


def test_a_link_to_nowhere_is_refused(folder: Path, tmp_path: Path) -> None:
    folder.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InstanceError, match="link"):
        InstanceLock.acquire(folder)


def test_a_link_planted_as_the_lock_is_not_followed(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(mode=0o700)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (folder / "oo-desktop.lock").symlink_to(victim)
    with pytest.raises(InstanceError):
        InstanceLock.acquire(folder)
    assert victim.read_text() == "precious"


def test_a_file_in_place_of_the_folder_is_refused(folder: Path) -> None:
    folder.write_text("")
    with pytest.raises(InstanceError):
        InstanceLock.acquire(folder)


def test_something_else_in_place_of_the_socket_is_named(folder: Path) -> None:
    (folder / "oo-desktop.sock").mkdir(parents=True)
    lock = InstanceLock.acquire(folder)
    assert lock is not None
    with lock, pytest.raises(InstanceError, match="socket"):
        lock.listen()


def test_a_path_too_long_for_a_socket_address_works(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["long" * 20] * 5)
    lock = InstanceLock.acquire(folder)
    assert lock is not None
    with (
        lock,
        lock.listen() as listener,
        RuntimeFolder.open(folder) as opened,
        socket.socket(socket.AF_UNIX) as peer,
    ):
        peer.connect(opened.address())
        accepted, _ = listener.accept()
        accepted.close()


def test_without_proc_a_path_too_long_is_named(tmp_path: Path) -> None:
    no_such_descriptor = 1 << 20
    assert RuntimeFolder(no_such_descriptor, Path("/x")).address() == "/x/oo-desktop.sock"
    with pytest.raises(InstanceError, match="too long"):
        RuntimeFolder(no_such_descriptor, Path("/" + "x" * 100)).address()
