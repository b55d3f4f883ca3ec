"""The asking end of the socket, against instances that misbehave."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oo_desktop.ipc.client import _check_peer, ask, wait_until_gone
from oo_desktop.ipc.instance import InstanceError, InstanceLock, NotRunning
from oo_desktop.ipc.protocol import CommandError


@contextmanager
def instance(folder: Path, behave: Callable[[socket.socket], None]) -> Iterator[None]:
    """Yield an instance that does `behave` with its first connection."""
    lock = InstanceLock.acquire(folder)
    assert lock is not None
    with lock, lock.listen() as listener:
        listener.setblocking(True)

        def accept() -> None:
            connection, _ = listener.accept()
            with connection:
                behave(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield
        thread.join()


def after_the_request(answer: bytes) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(answer)

    return behave


def test_nobody_runs_where_there_is_no_folder(folder: Path) -> None:
    with pytest.raises(NotRunning):
        ask(folder, "status")
    assert not folder.exists()


def test_an_instance_that_has_the_lock_and_no_socket_yet_is_waited_for(folder: Path) -> None:
    lock = InstanceLock.acquire(folder)
    assert lock is not None
    asked = threading.Event()
    results: list[object] = []

    def ask_early() -> None:
        asked.set()
        results.append(ask(folder, "status"))

    thread = threading.Thread(target=ask_early)
    thread.start()
    asked.wait()
    with lock, lock.listen() as listener:
        listener.setblocking(True)
        connection, _ = listener.accept()
        with connection:
            after_the_request(b'{"ok": true, "result": 1}\n')(connection)
        thread.join()
    assert results == [1]


def test_an_instance_that_never_opens_its_socket_is_not_waited_for_for_ever(folder: Path) -> None:
    lock = InstanceLock.acquire(folder)
    assert lock is not None
    with lock, pytest.raises(InstanceError, match="does not answer"):
        ask(folder, "status", starting=0.05)


def test_silence_has_an_end(folder: Path) -> None:
    def read_until_it_hangs_up(connection: socket.socket) -> None:
        while connection.recv(1 << 16):
            pass

    with (
        instance(folder, read_until_it_hangs_up),
        pytest.raises(InstanceError, match="does not answer"),
    ):
        ask(folder, "status", patience=0.05)


@pytest.mark.parametrize("answer", [b"", b'{"ok": tr'])
def test_an_instance_that_ends_without_an_answer_is_named(folder: Path, answer: bytes) -> None:
    with instance(folder, after_the_request(answer)), pytest.raises(InstanceError):
        ask(folder, "status")


@pytest.mark.parametrize("answer", [b"\xff\xfe\n", b"[]\n", b"[" * 100_000 + b"\n", b"\n"])
def test_an_answer_without_sense_is_an_error_not_a_crash(folder: Path, answer: bytes) -> None:
    with (
        instance(folder, after_the_request(answer)),
        pytest.raises(InstanceError, match="makes no sense"),
    ):
        ask(folder, "status")


def test_a_refusal_may_name_the_field_that_is_wrong(folder: Path) -> None:
    line = b'{"ok": false, "error": "Not this one.", "code": 1, "field": "server"}\n'
    with (
        instance(folder, after_the_request(line)),
        pytest.raises(CommandError) as caught,
    ):
        ask(folder, "connect")
    assert caught.value.field == "server"


def test_a_refusal_carries_its_sentence_and_code(folder: Path) -> None:
    line = b'{"ok": false, "error": "Choose one.", "code": 2}\n'
    with (
        instance(folder, after_the_request(line)),
        pytest.raises(CommandError, match="Choose one") as caught,
    ):
        ask(folder, "disconnect")
    assert caught.value.code == 2


def test_a_refusal_is_read_even_when_the_request_was_not(folder: Path) -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b'{"ok": false, "error": "oO is busy.", "code": 1}\n')

    with instance(folder, behave), pytest.raises(CommandError, match="busy"):
        ask(folder, "connect", {"token": "x" * 60_000})


@pytest.mark.parametrize("argument", ["x" * 70_000, "\udcff"])
def test_an_argument_that_cannot_be_sent_is_wrong_usage(folder: Path, argument: str) -> None:
    with pytest.raises(CommandError) as caught:
        ask(folder, "done", {"id": argument})
    assert caught.value.code == 2


def test_nothing_is_said_to_another_users_program() -> None:
    class Foreign:
        def getsockopt(self, *_: int) -> bytes:
            return (1).to_bytes(4, "little") + (12345).to_bytes(4, "little") + bytes(4)

    with pytest.raises(InstanceError, match="another user"):
        _check_peer(Foreign())  # type: ignore[arg-type]  # the one question asked of the socket


def test_an_instance_that_does_not_end_is_not_waited_for_for_ever(folder: Path) -> None:
    import os

    lock = InstanceLock.acquire(folder)
    assert lock is not None
    with lock, pytest.raises(InstanceError, match="has not ended yet"):
        wait_until_gone(folder, os.getpid(), patience=0.05)
    wait_until_gone(folder, os.getpid())
