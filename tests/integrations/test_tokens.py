import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from oo_desktop.errors import AuthRequired, StoreError, Unavailable, VaultError
from oo_desktop.integrations.account_lock import AccountLock
from oo_desktop.integrations.http import AnswerLost
from oo_desktop.integrations.oauth import ClientRefused, GrantRefused, TokenAnswer
from oo_desktop.integrations.tokens import AccountTokens
from oo_desktop.integrations.vault import Tokens
from oo_desktop.store.integrations import SentRefresh
from tests.integrations.rotating import KEY, Life, Network, until


class KeyringLocked(Exception):  # the name `keyring` gives it
    pass


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    life = Life(tmp_path)
    yield life
    await life.tokens.aclose()
    life.stop()


async def expired(life: Life) -> Tokens:
    """Connected, and an hour has gone by."""
    tokens = await life.connect()
    await life.clock.advance(3600)
    return tokens


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
    tokens = await expired(life)
    life.service.gate = asyncio.Event()
    impatient = asyncio.create_task(life.tokens.access_token())
    patient = asyncio.create_task(life.tokens.renewed(tokens.access))
    await until(lambda: life.service.arrivals > 0)
    impatient.cancel()
    life.service.gate.set()
    assert await patient == "planted-access-2"
    assert impatient.cancelled()


async def test_another_process_that_was_faster_is_believed(life: Life) -> None:
    tokens = await expired(life)
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
    with pytest.raises(StoreError, match="Check its rights"):
        await lock.acquire()


# Stored before used


async def test_a_renewed_token_is_in_the_keyring_before_it_is_used(life: Life) -> None:
    await expired(life)
    access = await life.tokens.access_token()
    kept = await life.kept()
    assert kept is not None
    assert (kept.access, kept.refresh, kept.generation) == (access, "planted-refresh-2", 1)
    assert life.vault.refresh_sent(KEY) is None
    row = life.vault.integration(KEY)
    assert row is not None
    assert row.expires_at == life.clock.now() + timedelta(hours=1)


async def test_a_token_that_cannot_be_stored_is_kept_and_not_used(life: Life) -> None:
    tokens = await expired(life)
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
    await expired(life)
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
    await expired(life)
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
    await expired(life)
    life.service.gate = asyncio.Event()
    asking = asyncio.create_task(life.tokens.access_token())
    await until(lambda: life.service.arrivals > 0)
    fresh = await life.connect()
    life.service.gate.set()
    assert await asking == fresh.access
    assert await life.kept() == life.vault._cached[KEY]


async def test_a_disconnect_during_a_renewal_leaves_no_secret_behind(life: Life) -> None:
    await expired(life)
    life.service.gate = asyncio.Event()
    asking = asyncio.create_task(life.tokens.access_token())
    await until(lambda: life.service.arrivals > 0)
    await life.vault.disconnect(KEY)
    life.service.gate.set()
    with pytest.raises(AuthRequired):
        await asking
    assert life.keyring.entries == {}


# Not now


@pytest.mark.parametrize("network", [Network.NOT_SENT, Network.BUSY])
async def test_a_renewal_that_did_not_happen_leaves_no_trace(life: Life, network: Network) -> None:
    await expired(life)
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


# Lost answers


async def test_a_request_that_was_lost_is_repeated_by_itself(life: Life) -> None:
    await expired(life)
    life.service.network = Network.REQUEST_LOST
    with pytest.raises(AnswerLost):
        await life.tokens.access_token()
    life.service.network = Network.OK
    await life.clock.advance(6)
    await until(lambda: life.tokens._renewing is None)
    kept = await life.kept()
    assert kept is not None
    assert kept.refresh == life.service.live_refresh


async def test_a_lost_answer_asked_for_in_time_gives_one_more_hour(life: Life) -> None:
    await expired(life)
    life.service.network = Network.ANSWER_LOST
    with pytest.raises(AnswerLost):
        await life.tokens.access_token()
    life.service.network = Network.OK
    life.sleep(50)
    assert await life.tokens.access_token() == "planted-access-2"
    kept = await life.kept()
    assert kept is not None
    assert kept.refresh is None
    await life.clock.advance(3599)
    assert await life.tokens.access_token() == "planted-access-2"
    await life.clock.advance(1)
    with pytest.raises(AuthRequired, match="Reconnect"):
        await life.tokens.access_token()


async def test_after_the_grace_a_lost_renewal_is_never_sent_again(life: Life) -> None:
    await expired(life)
    life.service.network = Network.ANSWER_LOST
    with pytest.raises(AnswerLost):
        await life.tokens.access_token()
    life.service.network = Network.OK
    life.sleep(56)
    with pytest.raises(AuthRequired, match="was lost"):
        await life.tokens.access_token()
    assert (life.service.arrivals, life.service.replayed) == (1, False)


async def test_a_lost_renewal_still_lets_the_valid_token_be_used(life: Life) -> None:
    tokens = await life.connect()
    await life.clock.advance(3545)
    life.service.network = Network.ANSWER_LOST
    assert await life.tokens.access_token() == tokens.access
    life.sleep(54)
    assert await life.tokens.access_token() == tokens.access


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
async def test_a_clock_that_jumped_makes_a_lost_renewal_too_old(life: Life, jump: float) -> None:
    await expired(life)
    life.service.network = Network.ANSWER_LOST
    with pytest.raises(AnswerLost):
        await life.tokens.access_token()
    life.service.network = Network.OK
    life.clock.jump(jump)
    with pytest.raises(AuthRequired):
        await life.tokens.renewed("planted-access-1")
    assert life.service.arrivals == 1


async def test_a_clock_set_back_a_little_does_not_stretch_the_grace(life: Life) -> None:
    await expired(life)
    life.service.network = Network.REQUEST_LOST
    with pytest.raises(AnswerLost):
        await life.tokens.access_token()
    life.clock.jump(-20)
    await life.clock.advance(56)
    await until(lambda: life.tokens._renewing is None)
    life.service.network = Network.OK
    with pytest.raises(AuthRequired):
        await life.tokens.access_token()


async def test_a_repetition_that_was_not_sent_does_not_forget_the_first_time(life: Life) -> None:
    await expired(life)
    life.service.network = Network.ANSWER_LOST
    with pytest.raises(AnswerLost):
        await life.tokens.access_token()
    life.service.network = Network.NOT_SENT
    with pytest.raises(Unavailable):
        await life.tokens.access_token()
    sent = life.vault.refresh_sent(KEY)
    assert sent is not None
    assert sent.generation == 0


async def test_after_a_crash_an_unanswered_renewal_is_repeated_at_once(life: Life) -> None:
    tokens = await life.connect()
    life.vault.set_refresh_sent(KEY, SentRefresh(0, life.clock.now()))
    life.restart()
    await life.clock.advance(10)
    assert await life.tokens.access_token() != tokens.access


async def test_after_a_crash_long_ago_an_unanswered_renewal_is_not_repeated(life: Life) -> None:
    tokens = await life.connect()
    life.vault.set_refresh_sent(KEY, SentRefresh(0, life.clock.now()))
    life.restart()
    await life.clock.advance(100)
    assert await life.tokens.access_token() == tokens.access
    await life.clock.advance(3600)
    with pytest.raises(AuthRequired, match="was lost"):
        await life.tokens.access_token()
    assert life.service.arrivals == 0


async def test_a_crash_after_the_keyring_was_written_costs_nothing(life: Life) -> None:
    await expired(life)
    await life.tokens.access_token()
    life.vault.set_refresh_sent(KEY, SentRefresh(0, life.clock.now()))
    life.restart()
    await life.clock.advance(3600)
    assert await life.tokens.access_token() == "planted-access-3"


async def test_an_old_keyring_put_back_is_not_replayed(life: Life) -> None:
    await expired(life)
    life.vault.set_refresh_sent(KEY, SentRefresh(7, life.clock.now()))
    with pytest.raises(AuthRequired):
        await life.tokens.access_token()
    assert life.service.arrivals == 0


async def test_where_nothing_rotates_a_lost_answer_costs_nothing(tmp_path: Path) -> None:
    life = Life(tmp_path, rotates=False)

    async def refresh(client_id: str, refresh_token: str) -> TokenAnswer:
        if life.service.network is Network.ANSWER_LOST:
            raise AnswerLost("Google did not answer.")
        assert refresh_token == "planted-refresh-1"
        return TokenAnswer("planted-next", None, 3600, None)

    life.service.refresh = refresh  # type: ignore[method-assign]  # another service
    life.restart()
    await expired(life)
    life.service.network = Network.ANSWER_LOST
    with pytest.raises(AnswerLost):
        await life.tokens.access_token()
    await life.clock.advance(600)
    life.service.network = Network.OK
    assert await life.tokens.access_token() == "planted-next"
    kept = await life.kept()
    assert kept is not None
    assert kept.refresh == "planted-refresh-1"
    life.stop()


# Final


async def test_a_refused_grant_asks_for_a_reconnect(life: Life) -> None:
    tokens = await life.connect()
    life.service.revoke()
    with pytest.raises(GrantRefused):
        await life.tokens.renewed(tokens.access)
    assert await life.kept() == tokens
    assert life.vault.refresh_sent(KEY) is None


async def test_a_refused_grant_is_not_believed_if_another_process_has_a_newer(life: Life) -> None:
    tokens = await life.connect()
    newer = Tokens(access="planted-other", refresh="planted-other-refresh", generation=1)

    async def refresh(client_id: str, refresh_token: str) -> TokenAnswer:
        other = Life(life.folder)
        other.keyring = life.keyring
        other.restart()
        await other.vault.store_tokens(KEY, newer)
        other.stop()
        raise GrantRefused("Todoist no longer accepts this sign-in.")

    racing = AccountTokens(
        key=KEY, vault=life.vault, refresh=refresh, lock_folder=life.folder, clock=life.clock
    )
    assert await racing.renewed(tokens.access) == "planted-other"


async def test_a_whole_answer_of_another_process_beats_a_repeated_one(life: Life) -> None:
    tokens = await life.connect()
    newer = Tokens(access="planted-other", refresh="planted-other-refresh", generation=1)

    async def refresh(client_id: str, refresh_token: str) -> TokenAnswer:
        other = Life(life.folder)
        other.keyring = life.keyring
        other.restart()
        await other.vault.store_tokens(KEY, newer)
        other.stop()
        return TokenAnswer("planted-other", None, 3600, None)

    racing = AccountTokens(
        key=KEY, vault=life.vault, refresh=refresh, lock_folder=life.folder, clock=life.clock
    )
    assert await racing.renewed(tokens.access) == "planted-other"
    assert await life.kept() == newer


async def test_a_client_the_service_has_forgotten_asks_for_a_reconnect(life: Life) -> None:
    tokens = await life.connect()

    async def refresh(client_id: str, refresh_token: str) -> TokenAnswer:
        raise ClientRefused("Todoist no longer knows this copy of oO.")

    orphan = AccountTokens(
        key=KEY, vault=life.vault, refresh=refresh, lock_folder=life.folder, clock=life.clock
    )
    with pytest.raises(AuthRequired, match="this copy of oO"):
        await orphan.renewed(tokens.access)


async def test_an_entry_that_is_gone_asks_for_a_reconnect(life: Life) -> None:
    await life.connect()
    life.keyring.entries.clear()
    life.restart()
    with pytest.raises(AuthRequired, match="no longer in your keyring"):
        await life.tokens.access_token()


async def test_a_locked_keyring_is_not_a_sign_out(life: Life) -> None:
    tokens = await life.connect()
    life.restart()
    life.keyring.error = KeyringLocked()
    with pytest.raises(VaultError, match="waiting for your keyring"):
        await life.tokens.access_token()
    life.keyring.error = None
    assert await life.tokens.access_token() == tokens.access
