"""Answers that were lost, clocks that jumped, and what only the user can mend."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from oo_desktop.errors import AuthRequired, Unavailable, VaultError
from oo_desktop.http.client import AnswerLost
from oo_desktop.integrations.tokens import AccountTokens
from oo_desktop.integrations.vault import Tokens
from oo_desktop.model.integrations import SentRefresh
from oo_desktop.oauth.messages import ClientRefused, GrantRefused, TokenAnswer
from tests.integrations.rotating import KEY, KeyringLocked, Life, Network, until


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    life = Life(tmp_path)
    yield life
    await life.tokens.aclose()
    life.stop()


async def test_a_request_that_was_lost_is_repeated_by_itself(life: Life) -> None:
    await life.expired()
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
    await life.expired()
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


async def test_a_server_error_over_a_renewal_that_was_done_is_asked_again_in_time(
    life: Life,
) -> None:
    await life.expired()
    life.service.network = Network.BUSY_AFTERWARDS
    with pytest.raises(Unavailable):
        await life.tokens.access_token()
    life.service.network = Network.OK
    await life.clock.advance(6)
    await until(lambda: life.tokens._renewing is None)
    assert await life.tokens.access_token() == "planted-access-2"
    await life.clock.advance(120)
    assert await life.tokens.access_token() == "planted-access-2"
    assert not life.service.replayed


async def test_an_outage_is_asked_about_quickly_for_a_minute_and_then_only_when_needed(
    life: Life,
) -> None:
    await life.expired()
    life.service.network = Network.BUSY
    asked = []
    refresh = life.tokens._refresh

    async def counted(client_id: str, refresh_token: str) -> TokenAnswer:
        asked.append(life.clock.monotonic())
        return await refresh(client_id, refresh_token)

    life.tokens._refresh = counted
    with pytest.raises(Unavailable):
        await life.tokens.access_token()
    for _ in range(120):
        await life.clock.advance(5)
        await until(lambda: life.tokens._renewing is None)
    assert len(asked) <= 13
    assert asked[-1] - asked[0] <= 60
    life.service.network = Network.OK
    assert await life.tokens.access_token() == "planted-access-2"


async def test_after_the_grace_a_lost_renewal_is_never_sent_again(life: Life) -> None:
    await life.expired()
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
    await life.expired()
    life.service.network = Network.ANSWER_LOST
    with pytest.raises(AnswerLost):
        await life.tokens.access_token()
    life.service.network = Network.OK
    life.clock.jump(jump)
    with pytest.raises(AuthRequired):
        await life.tokens.renewed("planted-access-1")
    assert life.service.arrivals == 1


async def test_a_clock_set_back_a_little_does_not_stretch_the_grace(life: Life) -> None:
    await life.expired()
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
    await life.expired()
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
    await life.expired()
    await life.tokens.access_token()
    life.vault.set_refresh_sent(KEY, SentRefresh(0, life.clock.now()))
    life.restart()
    await life.clock.advance(3600)
    assert await life.tokens.access_token() == "planted-access-3"


async def test_an_old_keyring_put_back_is_not_replayed(life: Life) -> None:
    await life.expired()
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
    await life.expired()
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

NEWER = Tokens(access="planted-other", refresh="planted-other-refresh", generation=1)


async def renewed_by_another_process(life: Life) -> None:
    other = Life(life.folder)
    other.keyring = life.keyring
    other.restart()
    await other.vault.store_tokens(KEY, NEWER)
    other.stop()


def refreshing(life: Life, refresh: Callable[[str, str], Awaitable[TokenAnswer]]) -> AccountTokens:
    return AccountTokens(
        key=KEY, vault=life.vault, refresh=refresh, lock_folder=life.folder, clock=life.clock
    )


async def test_a_refused_grant_asks_for_a_reconnect(life: Life) -> None:
    tokens = await life.connect()
    life.service.revoke()
    with pytest.raises(GrantRefused):
        await life.tokens.renewed(tokens.access)
    assert await life.kept() == tokens
    assert life.vault.refresh_sent(KEY) is None


async def test_a_refused_grant_is_not_believed_if_another_process_has_a_newer(life: Life) -> None:
    tokens = await life.connect()

    async def refresh(_client_id: str, _refresh_token: str) -> TokenAnswer:
        await renewed_by_another_process(life)
        raise GrantRefused("Todoist no longer accepts this sign-in.")

    assert await refreshing(life, refresh).renewed(tokens.access) == NEWER.access


async def test_a_whole_answer_of_another_process_beats_a_repeated_one(life: Life) -> None:
    tokens = await life.connect()

    async def refresh(_client_id: str, _refresh_token: str) -> TokenAnswer:
        await renewed_by_another_process(life)
        return TokenAnswer(NEWER.access, None, 3600, None)

    assert await refreshing(life, refresh).renewed(tokens.access) == NEWER.access
    assert await life.kept() == NEWER


async def test_a_client_the_service_has_forgotten_asks_for_a_reconnect(life: Life) -> None:
    tokens = await life.connect()

    async def refresh(_client_id: str, _refresh_token: str) -> TokenAnswer:
        raise ClientRefused("Todoist no longer knows this copy of oO.")

    with pytest.raises(AuthRequired, match="this copy of oO"):
        await refreshing(life, refresh).renewed(tokens.access)


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


async def test_a_refused_grant_is_final_even_while_the_token_lasts(life: Life) -> None:
    await life.connect()
    await life.clock.advance(3550)
    life.service.revoke()
    with pytest.raises(GrantRefused):
        await life.tokens.access_token()
