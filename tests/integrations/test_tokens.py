import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from oo_desktop.errors import AuthRequired, StoreError, Unavailable, VaultError
from oo_desktop.integrations.tokens import AccountLock, AccountTokens
from oo_desktop.integrations.vault import Tokens
from oo_desktop.oauth.messages import TokenAnswer
from tests.integrations.rotating import KEY, KeyringLocked, Life, Network, until


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    life = Life(tmp_path)
    yield life
    await life.tokens.aclose()
    life.stop()


# When


async def test_a_token_that_lasts_is_used_without_asking_anybody(life: Life) -> None:
    tokens = await life.connect()
    life.keyring.calls.clear()
    assert await life.tokens.access_token() == tokens.access
    assert (life.service.arrivals, life.keyring.calls) == (0, [])


async def test_a_token_is_renewed_a_minute_before_it_expires(life: Life) -> None:
    tokens = await life.connect()
    await life.clock.advance(3539)
    assert await life.tokens.access_token() == tokens.access
    await life.clock.advance(1)
    assert await life.tokens.access_token() == "planted-access-2"


async def test_a_refused_token_is_renewed_however_long_it_should_last(life: Life) -> None:
    tokens = await life.connect()
    assert await life.tokens.renewed(tokens.access) == "planted-access-2"


async def test_a_token_refused_late_is_answered_with_the_newer_one(life: Life) -> None:
    tokens = await life.connect()
    newer = await life.tokens.renewed(tokens.access)
    assert await life.tokens.renewed(tokens.access) == newer
    assert life.service.arrivals == 1


async def test_a_wall_clock_set_back_does_not_make_a_token_last_longer(life: Life) -> None:
    tokens = await life.connect()
    await life.tokens.access_token()
    await life.clock.advance(3600)
    life.clock.jump(-3 * 3600)
    assert await life.tokens.access_token() != tokens.access


async def test_a_wall_clock_set_ahead_only_renews_too_early(life: Life) -> None:
    await life.connect()
    await life.tokens.access_token()
    life.clock.jump(3 * 3600)
    assert await life.tokens.access_token() == "planted-access-2"


async def test_a_personal_token_is_used_and_never_renewed(life: Life) -> None:
    await life.connect(Tokens(access="planted-personal"))
    assert await life.tokens.access_token() == "planted-personal"
    with pytest.raises(AuthRequired):
        await life.tokens.renewed("planted-personal")
    assert life.service.arrivals == 0


async def test_a_service_that_gives_dead_tokens_is_not_asked_for_ever(life: Life) -> None:
    tokens = await life.connect()

    async def refresh(client_id: str, refresh_token: str) -> TokenAnswer:
        life.service.arrivals += 1
        return TokenAnswer(tokens.access, "planted-next", 3600, None)

    stuck = AccountTokens(
        key=KEY, vault=life.vault, refresh=refresh, lock_folder=life.folder, clock=life.clock
    )
    assert await stuck.renewed(tokens.access) == tokens.access
    assert life.service.arrivals == 2


# Once


async def test_twenty_refused_requests_make_one_renewal(life: Life) -> None:
    tokens = await life.connect()
    answers = await asyncio.gather(*(life.tokens.renewed(tokens.access) for _ in range(20)))
    assert set(answers) == {"planted-access-2"}
    assert life.service.arrivals == 1


async def test_who_stops_waiting_stops_nobody_else(life: Life) -> None:
    tokens = await life.expired()
    life.service.gate = asyncio.Event()
    impatient = asyncio.create_task(life.tokens.access_token())
    patient = asyncio.create_task(life.tokens.renewed(tokens.access))
    await until(lambda: life.service.arrivals > 0)
    impatient.cancel()
    life.service.gate.set()
    assert await patient == "planted-access-2"
    assert impatient.cancelled()


async def test_another_process_that_was_faster_is_believed(life: Life) -> None:
    tokens = await life.expired()
    other = Life(life.folder)
    other.keyring, other.service = life.keyring, life.service
    other.clock = life.clock
    other.restart()
    newer = await other.tokens.access_token()
    other.stop()
    assert await life.tokens.renewed(tokens.access) == newer
    assert life.service.arrivals == 1


async def test_another_process_that_keeps_the_lock_is_not_a_sign_out(life: Life) -> None:
    tokens = await life.connect()
    lock = AccountLock(life.folder, KEY, clock=life.clock)
    await lock.acquire()
    with pytest.raises(Unavailable, match="Another oO"):
        await life.tokens.renewed(tokens.access)
    lock.release()
    assert await life.tokens.renewed(tokens.access) == "planted-access-2"


async def test_a_lock_waits_for_the_other_process(life: Life) -> None:
    first = AccountLock(life.folder, KEY, clock=life.clock)
    second = AccountLock(life.folder, KEY, clock=life.clock)
    await first.acquire()
    waiting = asyncio.create_task(second.acquire())
    await life.clock.advance(5)
    assert not waiting.done()
    first.release()
    await life.clock.advance(1)
    await waiting
    second.release()


async def test_a_lock_folder_that_cannot_be_is_said_plainly(life: Life) -> None:
    lock = AccountLock(life.folder / "oo.db", KEY, clock=life.clock)
    with pytest.raises(StoreError, match="Check its permissions"):
        await lock.acquire()


# Stored before used


async def test_a_renewed_token_is_in_the_keyring_before_it_is_used(life: Life) -> None:
    await life.expired()
    access = await life.tokens.access_token()
    kept = await life.kept()
    assert kept is not None
    assert (kept.access, kept.refresh, kept.generation) == (access, "planted-refresh-2", 1)
    assert life.vault.refresh_sent(KEY) is None
    row = life.vault.integration(KEY)
    assert row is not None
    assert row.expires_at == life.clock.now() + timedelta(hours=1)


async def test_a_token_that_cannot_be_stored_is_kept_and_not_used(life: Life) -> None:
    tokens = await life.expired()
    life.service.gate = asyncio.Event()
    asking = asyncio.create_task(life.tokens.access_token())
    await until(lambda: life.service.arrivals > 0)
    life.keyring.error = KeyringLocked()
    life.service.gate.set()
    with pytest.raises(VaultError):
        await asking
    with pytest.raises(VaultError):
        await life.tokens.renewed(tokens.access)
    life.keyring.error = None
    assert await life.tokens.access_token() == "planted-access-2"
    assert life.service.arrivals == 1


async def test_no_other_process_renews_while_a_token_is_not_stored(life: Life) -> None:
    await life.expired()
    life.service.gate = asyncio.Event()
    asking = asyncio.create_task(life.tokens.access_token())
    await until(lambda: life.service.arrivals > 0)
    life.keyring.error = KeyringLocked()
    life.service.gate.set()
    with pytest.raises(VaultError):
        await asking
    life.keyring.error = None
    with pytest.raises(Unavailable):
        await life.account_tokens().access_token()
    await life.tokens.aclose()
    assert await life.account_tokens().access_token() == "planted-access-2"


async def test_a_closing_loop_does_not_lose_what_was_brought(life: Life) -> None:
    await life.expired()
    life.service.gate = asyncio.Event()
    asking = asyncio.create_task(life.tokens.access_token())
    await until(lambda: life.service.arrivals > 0)
    life.keyring.calls.clear()
    life.service.gate.set()
    await until(lambda: "set" in life.keyring.calls)
    renewing = life.tokens._renewing
    if renewing is not None:
        renewing.cancel()  # as asyncio.Runner does with everything that is left
    await asyncio.gather(asking, return_exceptions=True)
    kept = await life.kept()
    assert kept is not None
    assert kept.refresh == "planted-refresh-2"


async def test_a_reconnect_during_a_renewal_wins(life: Life) -> None:
    await life.expired()
    life.service.gate = asyncio.Event()
    asking = asyncio.create_task(life.tokens.access_token())
    await until(lambda: life.service.arrivals > 0)
    fresh = await life.connect()
    life.service.gate.set()
    assert await asking == fresh.access
    assert await life.kept() == life.vault._cached[KEY]


async def test_a_disconnect_during_a_renewal_leaves_no_secret_behind(life: Life) -> None:
    await life.expired()
    life.service.gate = asyncio.Event()
    asking = asyncio.create_task(life.tokens.access_token())
    await until(lambda: life.service.arrivals > 0)
    await life.vault.disconnect(KEY)
    life.service.gate.set()
    with pytest.raises(AuthRequired):
        await asking
    assert life.keyring.entries == {}


# Not now


async def test_a_token_that_lives_for_seconds_is_used_for_half_of_them(life: Life) -> None:
    life.service.lifetime = 30
    tokens = await life.connect()
    await life.clock.advance(14)
    assert await life.tokens.access_token() == tokens.access
    await life.clock.advance(2)
    assert await life.tokens.access_token() != tokens.access
    assert life.service.arrivals == 1


@pytest.mark.parametrize("network", [Network.NOT_SENT, Network.BUSY])
async def test_a_renewal_that_did_not_happen_leaves_no_trace(life: Life, network: Network) -> None:
    await life.expired()
    life.service.network = network
    with pytest.raises(Unavailable):
        await life.tokens.access_token()
    assert life.vault.refresh_sent(KEY) is None
    await life.clock.advance(7200)
    life.service.network = Network.OK
    assert await life.tokens.access_token() == "planted-access-2"


async def test_what_is_still_valid_is_used_while_the_service_is_away(life: Life) -> None:
    tokens = await life.connect()
    life.service.network = Network.NOT_SENT
    await life.clock.advance(3550)
    assert await life.tokens.access_token() == tokens.access
    await life.clock.advance(50)
    with pytest.raises(Unavailable):
        await life.tokens.access_token()


async def test_what_is_still_valid_is_used_while_the_keyring_is_locked(life: Life) -> None:
    tokens = await life.connect()
    await life.clock.advance(3550)
    life.keyring.error = KeyringLocked()
    assert await life.tokens.access_token() == tokens.access
    assert life.service.arrivals == 0
    await life.clock.advance(50)
    with pytest.raises(VaultError):
        await life.tokens.access_token()


async def test_closing_waits_for_what_a_renewal_brings(life: Life) -> None:
    await life.expired()
    life.service.gate = asyncio.Event()
    asking = asyncio.create_task(life.tokens.access_token())
    await until(lambda: life.service.arrivals > 0)
    closing = asyncio.create_task(life.tokens.aclose())
    await asyncio.sleep(0)
    assert not closing.done()
    life.service.gate.set()
    await closing
    kept = await life.kept()
    assert kept is not None
    assert kept.access == await asking


async def test_a_token_too_long_for_the_keyring_is_renewed_at_the_next_start(life: Life) -> None:
    tokens = await life.connect(replace(life.service.sign_in(), access="a" * 2048))
    assert await life.tokens.access_token() == tokens.access
    life.restart()
    assert await life.tokens.access_token() == "planted-access-2"
