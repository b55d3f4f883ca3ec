"""Tokens that expire, are refused, or cannot be read; services that are not there."""

import asyncio

import pytest

from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.errors import SignInError
from oo_desktop.events import TokenExpired
from oo_desktop.integrations.keyring import MemoryKeyring
from oo_desktop.model.state import Connection, TokenStatus
from tests.journeys.story import KeyringLocked, Story

TASK = "Take back the library books"


class LockedKeyring(MemoryKeyring):
    """A keyring nobody has unlocked yet."""

    locked = True

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return super().get_password(service, username)


async def test_an_expired_token_is_refreshed_unnoticed(story: Story) -> None:
    await story.connect()
    await story.control("expire")
    await story.engine.refresh()
    assert story.account.connection is Connection.OK
    assert not story.heard(TokenExpired)
    assert (await story.todoist())["refreshes"] == 1


async def test_a_revoked_token_asks_once_and_reconnecting_sends_what_waited(story: Story) -> None:
    await story.connect()
    await story.control("revoke")
    await story.until(lambda: story.account.token_status is TokenStatus.NEEDS_RECONNECT)
    assert TASK in story.titles()
    await story.click(TASK)
    for _ in range(20):
        await story.engine.refresh()
    assert len(story.heard(TokenExpired)) == 1
    (notice,) = story.notifications.about_reconnecting()
    notice.buttons["Reconnect"]()
    await story.until(lambda: story.account.token_status is TokenStatus.ACTIVE)
    await story.until_at_todoist(TASK, lambda task: task["checked"] is True)
    assert notice.identifier not in story.notifications.visible
    assert len(story.notifications.about_reconnecting()) == 1


async def test_a_refused_account_is_not_announced_again_at_the_next_start(story: Story) -> None:
    await story.connect()
    await story.control("revoke")
    await story.until(lambda: bool(story.notifications.about_reconnecting()))
    await story.close()
    await story.open()
    await asyncio.sleep(0.3)
    assert len(story.notifications.about_reconnecting()) == 1
    assert story.account.token_status is TokenStatus.NEEDS_RECONNECT


async def test_offline_at_start_the_saved_list_is_shown_with_its_age(story: Story) -> None:
    await story.connect()
    titles, seen_at = story.titles(), story.account.last_success
    await story.close()
    await story.control("offline")
    await story.open()
    assert story.titles() == titles
    await story.until(lambda: story.account.connection is Connection.OFFLINE)
    assert story.titles() == titles
    assert story.account.last_success is not None
    assert seen_at is not None
    assert story.account.token_status is TokenStatus.ACTIVE


async def test_a_click_made_offline_is_sent_when_the_network_is_back(story: Story) -> None:
    await story.connect()
    await story.control("offline")
    await story.click(TASK)
    await story.until(lambda: any(item.attempts for item in story.engine.outbox.items()))
    await story.close()
    await story.control("online")
    await story.open()
    assert TASK not in story.titles()
    await story.until_at_todoist(TASK, lambda task: task["checked"] is True)


async def test_a_locked_keyring_is_waited_for_and_is_no_sign_out(story: Story) -> None:
    story.keyring = keyring = LockedKeyring()
    keyring.locked = False
    await story.close()
    await story.open()
    await story.connect()
    await story.close()
    keyring.locked = True
    await story.open()
    await story.until(lambda: story.account.connection is Connection.KEYRING)
    assert TASK in story.titles()
    assert story.account.token_status is TokenStatus.ACTIVE
    keyring.locked = False
    await story.until(lambda: story.account.connection is Connection.OK)
    assert not story.heard(TokenExpired)


@pytest.mark.parametrize(
    "kind", ["html", "truncated", "nesting", "bad_utf8", "empty", "nan", "huge"]
)
async def test_garbage_never_loses_the_list_nor_the_account(story: Story, kind: str) -> None:
    await story.connect()
    titles = story.titles()
    await story.control("garbage", kind=kind)
    await story.engine.refresh()
    assert story.account.connection in {Connection.OFFLINE, Connection.FAILING}
    assert story.titles() == titles
    assert story.account.token_status is TokenStatus.ACTIVE
    await story.control("clear_faults")


@pytest.mark.parametrize("status", [400, 403, 404, 410, 500, 502, 503])
async def test_no_status_but_a_final_401_asks_for_a_sign_in(story: Story, status: int) -> None:
    await story.connect()
    titles = story.titles()
    await story.control("fail", status=status, count=50)
    await story.engine.refresh()
    assert story.account.connection is not Connection.OK
    assert story.titles() == titles
    assert not story.heard(TokenExpired)
    await story.control("clear_faults")


async def test_a_service_that_dies_in_the_middle_of_a_poll_costs_nothing(story: Story) -> None:
    await story.connect()
    titles = story.titles()
    await story.control("delay", seconds=30)
    poll = asyncio.ensure_future(story.engine.refresh())
    await asyncio.sleep(0.2)
    await story.control("offline")
    await story.control("clear_faults")
    await story.control("offline")
    await poll
    assert story.titles() == titles
    assert story.account.token_status is TokenStatus.ACTIVE
    await story.control("online")


async def test_a_denied_sign_in_says_so_and_leaves_nothing(story: Story) -> None:
    story.allow = False
    with pytest.raises(SignInError):
        await story.sign_in(TODOIST)
    assert not story.engine.state().accounts
    assert not story.engine.state().sign_ins


async def test_a_pasted_token_connects_too(story: Story) -> None:
    token = (await story.control("personal_token"))["token"]
    await story.engine.accounts.connect_with_token(TODOIST, token)
    await story.until(lambda: TASK in story.titles())


async def test_a_token_that_is_not_one_is_refused(story: Story) -> None:
    with pytest.raises(SignInError):
        await story.engine.accounts.connect_with_token(TODOIST, "0" * 40)
    assert not story.engine.state().accounts


async def test_a_second_connect_joins_the_sign_in_that_waits(story: Story) -> None:
    story.browser = _nobody_comes
    first = await story.engine.connect(TODOIST)
    second = await story.engine.connect(TODOIST)
    assert await first.url() == await second.url()
    assert len(story.engine.state().sign_ins) == 1
    story.engine.accounts.cancel(TODOIST)
    with pytest.raises(SignInError):
        await first.result()
    assert not story.engine.state().sign_ins


async def test_disconnect_forgets_the_account_and_everything_kept_for_it(story: Story) -> None:
    story.undo_seconds = 60
    await story.close()
    await story.open()
    await story.connect()
    await story.click(TASK)
    gone = await story.engine.accounts.disconnect(story.account.key)
    assert gone.dropped == 1
    assert not story.titles()
    assert not story.engine.outbox.items()
    assert isinstance(story.keyring, MemoryKeyring)
    assert not story.keyring.entries


async def _nobody_comes(_url: str) -> bool:
    return True
