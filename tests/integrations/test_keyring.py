import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator

import pytest

from oo_desktop.errors import VaultError, VaultState
from oo_desktop.integrations.keyring import (
    PROMPT_PAUSE_SECONDS,
    KeyringPort,
)
from oo_desktop.integrations.keyring_backends import Hindered, Hindrance, KeyringBackend
from oo_desktop.testing import FakeClock
from tests.integrations.rotating import KeyringLocked, MoodyKeyring, until


class NoKeyringError(RuntimeError):
    pass


class Bench:
    """A port on a keyring that can be kept waiting, and what happened to both."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.keyring = MoodyKeyring()
        self.locked = False
        self.chosen = 0
        self.returned = 0
        self.port = KeyringPort(
            choose=self._choose,
            lock=lambda *_entry: Hindrance.LOCKED if self.locked else None,
            clock=self.clock,
            returned=self._came_back,
        )

    def _choose(self) -> KeyringBackend:
        self.chosen += 1
        return self.keyring

    def _came_back(self) -> None:
        self.returned += 1

    async def hang(self, call: "asyncio.Task[str | None] | asyncio.Task[None]") -> threading.Event:
        """Let `call` reach the keyring, hang there, and pass its deadline."""
        gate = self.keyring.gate or threading.Event()
        self.keyring.gate = gate
        seen = len(self.keyring.calls)
        await until(lambda: bool(self.keyring.gated & {*self.keyring.calls[seen:]}))
        await self.clock.advance(10)
        with pytest.raises(VaultError) as raised:
            await call
        assert raised.value.state is VaultState.SILENT
        return gate


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    if bench.keyring.gate is not None:
        bench.keyring.gate.set()
    await until(lambda: not bench.port._running)


async def state_of(call: "asyncio.Task[str | None] | asyncio.Task[None]") -> VaultState:
    with pytest.raises(VaultError) as raised:
        await call
    return raised.value.state


def read(bench: Bench) -> "asyncio.Task[str | None]":
    return asyncio.create_task(bench.port.get("service", "user"))


def write(bench: Bench, value: str = "value") -> "asyncio.Task[None]":
    return asyncio.create_task(bench.port.set("service", "user", value))


async def test_what_is_written_is_read_and_deleted(bench: Bench) -> None:
    assert await bench.port.get("service", "user") is None
    await bench.port.set("service", "user", "value")
    assert await bench.port.get("service", "user") == "value"
    await bench.port.delete("service", "user")
    await bench.port.delete("service", "user")
    assert await bench.port.get("service", "user") is None
    assert bench.port.name == "tests.integrations.rotating.MoodyKeyring"


async def test_the_keyring_is_never_called_on_the_loops_thread(bench: Bench) -> None:
    threads: list[threading.Thread] = []

    def choose() -> KeyringBackend:
        threads.append(threading.current_thread())
        return bench.keyring

    await KeyringPort(choose=choose, clock=bench.clock).get("service", "user")
    assert threads[0] is not threading.main_thread()
    assert threads[0].daemon


async def test_the_keyring_is_chosen_once_while_it_works(bench: Bench) -> None:
    for _ in range(3):
        await read(bench)
    assert bench.chosen == 1


@pytest.mark.parametrize("error", [NoKeyringError(), OSError(), ValueError(), EOFError()])
async def test_after_a_failure_the_keyring_is_chosen_anew(bench: Bench, error: Exception) -> None:
    bench.keyring.error = error
    await state_of(read(bench))
    bench.keyring.error = None
    await read(bench)
    assert bench.chosen == 2


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (KeyringLocked(), VaultState.LOCKED),
        (type("PromptDismissedException", (Exception,), {})(), VaultState.LOCKED),
        (NoKeyringError(), VaultState.ABSENT),
        (type("SecretServiceNotAvailableException", (Exception,), {})(), VaultState.ABSENT),
        (Hindered(Hindrance.INSECURE), VaultState.INSECURE),
        (type("DBusErrorResponse", (Exception,), {})(), VaultState.FAILED),
        (SystemExit(), VaultState.FAILED),
        (MemoryError(), VaultState.FAILED),
    ],
)
async def test_whatever_a_back_end_raises_has_a_state(
    bench: Bench, error: BaseException, state: VaultState
) -> None:
    bench.keyring.error = error
    assert await state_of(read(bench)) is state


class InitError(Exception):  # the name `keyring` gives it, and the class of much else there
    pass


def raised(error: Exception, *, cause: str | None = None, context: str | None = None) -> Exception:
    """Return `error` as it is raised from, or while handling, an exception of that class."""
    if cause is not None:
        error.__cause__ = type(cause, (Exception,), {})()
    if context is not None:
        error.__context__ = type(context, (Exception,), {})()
    return error


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (raised(InitError(), cause="PromptDismissedException"), VaultState.LOCKED),
        (raised(InitError(), context="PromptDismissedException"), VaultState.LOCKED),
        (raised(InitError(), cause="SecretServiceNotAvailableException"), VaultState.ABSENT),
        (raised(InitError(), cause="DBusErrorResponse"), VaultState.FAILED),
        (InitError(), VaultState.FAILED),
    ],
)
async def test_a_dismissed_prompt_to_make_a_keyring_is_told_from_a_service_that_is_gone(
    bench: Bench, error: Exception, state: VaultState
) -> None:
    bench.keyring.error = error
    assert await state_of(read(bench)) is state


async def test_a_chain_of_errors_that_leads_back_to_itself_has_an_end(bench: Bench) -> None:
    first, second = InitError(), InitError()
    first.__cause__, second.__cause__ = second, first
    bench.keyring.error = first
    assert await state_of(read(bench)) is VaultState.FAILED


async def test_who_did_not_want_to_make_a_keyring_is_told_how_and_not_asked_at_once(
    bench: Bench,
) -> None:
    bench.keyring.error = raised(InitError(), cause="PromptDismissedException")
    with pytest.raises(VaultError, match="make a keyring"):
        await read(bench)
    bench.locked = True
    asked = len(bench.keyring.calls)
    for _ in range(5):
        await bench.clock.advance(2)
        assert await state_of(write(bench)) is VaultState.LOCKED
    assert len(bench.keyring.calls) == asked


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            type("DBusErrorResponse", (Exception,), {})(
                "createDLGroup failed: maybe libqca-ossl is missing"
            ),
            "Install QCA’s OpenSSL plug-in .*libqca-qt6-plugins.*libqca-qt5-2-plugins",
        ),
        (ValueError("planted"), "restart the keyring, or log out"),
    ],
)
async def test_a_keyring_that_fails_says_what_to_do_and_nothing_of_what_it_said(
    bench: Bench, error: Exception, says: str
) -> None:
    bench.keyring.error = error
    with pytest.raises(VaultError, match=says) as failure:
        await read(bench)
    assert "planted" not in str(failure.value)


# Late


async def test_a_late_call_does_not_hold_its_caller(bench: Bench) -> None:
    bench.keyring.gate = threading.Event()
    await bench.hang(read(bench))


async def test_a_late_write_that_arrives_after_all_is_kept(bench: Bench) -> None:
    bench.keyring.gate = threading.Event()
    bench.keyring.gated = {"set"}
    gate = await bench.hang(write(bench))
    gate.set()
    await until(lambda: bench.returned == 1)
    assert await read(bench) == "value"


async def test_a_write_to_a_locked_keyring_asks_with_a_read(bench: Bench) -> None:
    bench.keyring.gate = threading.Event()
    bench.keyring.gated = {"get"}
    await bench.hang(write(bench))
    assert bench.keyring.calls == ["get"]


async def test_nothing_is_piled_onto_a_late_write(bench: Bench) -> None:
    bench.keyring.gate = threading.Event()
    bench.keyring.gated = {"set"}
    gate = await bench.hang(write(bench, "old"))
    calls = len(bench.keyring.calls)
    assert await state_of(write(bench, "new")) is VaultState.SILENT
    assert await state_of(read(bench)) is VaultState.SILENT
    assert len(bench.keyring.calls) == calls
    gate.set()
    await until(lambda: bench.returned == 1)
    await write(bench, "new")
    assert await read(bench) == "new"


async def test_a_late_read_may_be_overtaken_once_the_keyring_is_open(bench: Bench) -> None:
    bench.keyring.gate = threading.Event()
    gate = await bench.hang(read(bench))
    bench.locked = True
    assert await state_of(read(bench)) is VaultState.LOCKED
    bench.keyring.gate = None
    bench.locked = False
    await write(bench)
    assert await read(bench) == "value"
    gate.set()
    await until(lambda: bench.returned == 1)


async def test_never_more_than_two_threads_wait_for_a_keyring(bench: Bench) -> None:
    bench.keyring.gate = threading.Event()
    await bench.hang(read(bench))
    await bench.hang(read(bench))
    calls = len(bench.keyring.calls)
    for _ in range(5):
        assert await state_of(read(bench)) is VaultState.SILENT
    assert len(bench.keyring.calls) == calls


async def test_calls_take_turns(bench: Bench) -> None:
    bench.keyring.gate = threading.Event()
    calls = [read(bench) for _ in range(5)]
    await until(lambda: len(bench.keyring.calls) == 1)
    bench.keyring.gate.set()
    assert await asyncio.gather(*calls) == [None] * 5


async def test_a_cancelled_write_is_waited_for_by_the_next_call(bench: Bench) -> None:
    bench.keyring.gate = threading.Event()
    bench.keyring.gated = {"set"}
    writing = write(bench)
    await until(lambda: "set" in bench.keyring.calls)
    writing.cancel()
    reading = read(bench)
    await asyncio.sleep(0)
    bench.keyring.gate.set()
    assert await reading == "value"
    assert bench.keyring.calls == ["get", "set", "get"]


async def test_a_cancelled_call_that_hangs_does_not_hold_the_next_for_ever(bench: Bench) -> None:
    bench.keyring.gate = threading.Event()
    bench.keyring.gated = {"set"}
    writing = write(bench)
    await until(lambda: "set" in bench.keyring.calls)
    writing.cancel()
    reading = read(bench)
    await bench.clock.advance(10)
    assert await state_of(reading) is VaultState.SILENT


def test_a_keyring_that_never_answers_does_not_hold_the_exit() -> None:
    program = """
import asyncio, threading
from oo_desktop.errors import VaultError
from oo_desktop.integrations.keyring import KeyringPort
async def main():
    try:
        await KeyringPort(choose=lambda: threading.Event().wait(), deadline=0.01).get("s", "u")
    except VaultError as error:
        print(error.state)
asyncio.run(main())
"""
    assert subprocess.check_output([sys.executable, "-c", program], timeout=60) == b"silent\n"


# Asking the user


async def test_who_dismissed_the_prompt_is_not_asked_again_at_once(bench: Bench) -> None:
    bench.keyring.error = KeyringLocked()
    await state_of(read(bench))
    bench.locked = True
    asked = len(bench.keyring.calls)
    for _ in range(3):
        assert await state_of(read(bench)) is VaultState.LOCKED
    assert len(bench.keyring.calls) == asked
    await bench.clock.advance(PROMPT_PAUSE_SECONDS)
    await state_of(read(bench))
    assert len(bench.keyring.calls) == asked + 1


async def test_who_asks_for_it_is_asked_again_after_a_dismissal(bench: Bench) -> None:
    bench.keyring.error = KeyringLocked()
    await state_of(read(bench))
    bench.locked = True
    asked = len(bench.keyring.calls)
    bench.port.forget_dismissals()
    await state_of(read(bench))
    assert len(bench.keyring.calls) == asked + 1


async def test_a_keyring_unlocked_by_other_means_is_noticed(bench: Bench) -> None:
    bench.keyring.error = KeyringLocked()
    await state_of(read(bench))
    bench.keyring.error = None
    assert await read(bench) is None


async def test_that_another_entry_can_be_read_does_not_ask_again_for_the_one_denied(
    bench: Bench,
) -> None:
    """KeePassXC locks each entry by itself."""
    bench.keyring.error = KeyringLocked()
    await state_of(read(bench))
    bench.keyring.error = None
    await bench.port.get("service", "another")
    bench.locked = True
    asked = len(bench.keyring.calls)
    assert await state_of(read(bench)) is VaultState.LOCKED
    assert len(bench.keyring.calls) == asked


async def test_a_person_who_wants_an_entry_deleted_is_asked_even_after_a_dismissal(
    bench: Bench,
) -> None:
    await write(bench)
    bench.keyring.error = KeyringLocked()
    await state_of(read(bench))
    bench.locked = True
    bench.keyring.error = None
    await bench.port.delete("service", "user")
    assert bench.keyring.entries == {}


async def test_a_prompt_dismissed_late_counts_as_dismissed(bench: Bench) -> None:
    bench.keyring.gate = threading.Event()
    gate = await bench.hang(read(bench))
    bench.keyring.error = KeyringLocked()
    gate.set()
    await until(lambda: bench.returned == 1)
    bench.locked = True
    asked = len(bench.keyring.calls)
    assert await state_of(read(bench)) is VaultState.LOCKED
    assert len(bench.keyring.calls) == asked
