"""Signing in, when it does not go as planned."""

import asyncio
import socket
from collections.abc import Mapping

import pytest

from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.errors import SignInError, SourceError
from oo_desktop.integrations.keyring import NO_KEYRING, MemoryKeyring
from oo_desktop.model.signals import AccountKey, UserId
from oo_desktop.model.state import Connection, TokenStatus
from tests.journeys.story import KeyringLocked, Story, ask, tray

TASK = "Take back the library books"
BOB = "bob@example.com"


async def nobody_comes(_url: str) -> bool:
    return True


async def test_another_person_on_reconnect_is_never_a_silent_swap(story: Story) -> None:
    """Row 30 of the receiver's table."""
    await story.connect()
    before = story.engine.state().accounts
    await story.control("add_account", email=BOB)
    story.as_person = BOB
    with pytest.raises(SignInError, match=BOB):
        await story.sign_in(TODOIST, expected=story.account.key)
    assert [account.key for account in story.engine.state().accounts] == [before[0].key]
    assert story.account.token_status is TokenStatus.ACTIVE


async def test_a_second_person_connects_beside_the_first(story: Story) -> None:
    await story.connect()
    await story.control("add_account", email=BOB)
    story.as_person = BOB
    await story.sign_in(TODOIST)
    labels = [account.label for account in story.engine.state().accounts]
    assert labels == ["ada@example.com", BOB]


async def test_one_refused_account_leaves_the_other_alone(story: Story) -> None:
    await story.connect()
    await story.control("add_account", email=BOB)
    story.as_person = BOB
    await story.sign_in(TODOIST)
    ada, bob = (account.key for account in story.engine.state().accounts)
    await story.control("revoke", user_id=bob.user_id)
    await story.engine.refresh()
    statuses = {account.key: account.token_status for account in story.engine.state().accounts}
    assert statuses == {ada: TokenStatus.ACTIVE, bob: TokenStatus.NEEDS_RECONNECT}
    assert TASK in story.titles()
    assert len(story.notifications.about_reconnecting()) == 1


async def test_a_client_is_registered_once_and_used_again(story: Story) -> None:
    await story.connect()
    await story.sign_in(TODOIST, expected=story.account.key)
    assert len((await story.todoist())["apps"]) == 1


async def test_a_client_the_service_forgot_is_registered_anew(story: Story) -> None:
    await story.connect()
    await story.control("forget_apps")
    await story.until(lambda: story.account.token_status is TokenStatus.NEEDS_RECONNECT)
    story.browser = nobody_comes  # the service shows its error there and never comes back
    waiting = await story.engine.connect(TODOIST, expected=story.account.key)
    story.engine.accounts.cancel(TODOIST)
    with pytest.raises(SignInError):
        await waiting.result()
    story.browser = None
    await story.sign_in(TODOIST, expected=story.account.key)
    assert story.account.token_status is TokenStatus.ACTIVE


async def test_a_taken_port_is_passed_over(story: Story) -> None:
    with socket.create_server(("127.0.0.1", story.callback_ports[0])):
        await story.connect()
    assert TASK in story.titles()


async def test_a_cancelled_sign_in_frees_its_port(story: Story) -> None:
    story.browser = nobody_comes
    running = await story.engine.connect(TODOIST)
    port = int((await running.url()).split("localhost%3A")[1].split("%2F")[0])
    story.engine.accounts.cancel(TODOIST)
    with pytest.raises(SignInError, match="cancelled"):
        await running.result()
    with socket.create_server(("127.0.0.1", port)):
        pass


async def test_a_pasted_token_ends_the_sign_in_that_waits_for_the_browser(story: Story) -> None:
    story.browser = nobody_comes
    running = await story.engine.connect(TODOIST)
    token = (await story.control("personal_token"))["token"]
    await story.engine.accounts.connect_with_token(TODOIST, token)
    with pytest.raises(SignInError, match="cancelled"):
        await running.result()
    assert not story.engine.state().sign_ins


async def test_one_that_waits_for_another_account_is_left_to_wait(story: Story) -> None:
    story.browser = nobody_comes
    running = await story.engine.connect(TODOIST, expected=AccountKey(TODOIST, UserId("bob")))
    token = (await story.control("personal_token"))["token"]
    await story.engine.accounts.connect_with_token(TODOIST, token)
    assert not running.task.done()


async def test_a_service_that_cannot_be_reached_ends_the_sign_in_with_a_reason(
    story: Story,
) -> None:
    await story.control("offline")
    with pytest.raises(SourceError):
        await story.sign_in(TODOIST)
    assert not story.engine.state().sign_ins
    await story.control("online")


async def test_the_sign_in_waits_for_a_locked_keyring_and_says_so(story: Story) -> None:
    class Locked(MemoryKeyring):
        locked = True

        def set_password(self, service: str, username: str, password: str) -> None:
            if self.locked:
                raise KeyringLocked
            super().set_password(service, username, password)

    story.keyring = keyring = Locked()
    signing_in = asyncio.ensure_future(story.sign_in(TODOIST))
    await story.until(lambda: any(sign_in.note for sign_in in story.engine.state().sign_ins))
    assert not story.engine.state().accounts
    keyring.locked = False
    await signing_in
    assert story.account.token_status is TokenStatus.ACTIVE


class NoKeyringError(RuntimeError):  # the name `keyring` gives it
    pass


class NoKeyringYet(MemoryKeyring):
    """Is not there until somebody starts it."""

    there = False

    def get_password(self, service: str, username: str) -> str | None:
        if not self.there:
            raise NoKeyringError
        return super().get_password(service, username)


async def test_a_pasted_first_account_that_finds_no_keyring_says_so_everywhere_at_once(
    story: Story,
) -> None:
    story.keyring = keyring = NoKeyringYet()
    token = (await story.control("personal_token"))["token"]
    heard: list[Mapping[str, object]] = []
    connecting = asyncio.ensure_future(
        ask(story, "connect", heard.append, provider=TODOIST, token=token)
    )
    await story.until(lambda: bool(heard))
    note = NO_KEYRING
    assert heard == [{"note": note}]
    assert [each["note"] for each in (await ask(story, "status"))["sign_ins"]] == [note]
    rows = tray(story).rows
    assert rows[0].text == "Waiting for your keyring to connect Todoist…"
    assert [row.text for row in rows[0].rows] == [note, "Cancel"]
    assert not any(row.text.startswith("Connect Todoist") for row in rows)
    keyring.there = True
    assert (await connecting)["label"] == "ada@example.com"
    assert not story.engine.state().sign_ins
    assert heard == [{"note": note}]


async def test_a_pasted_account_that_waits_for_the_keyring_can_be_cancelled(story: Story) -> None:
    story.keyring = NoKeyringYet()
    token = (await story.control("personal_token"))["token"]
    connecting = asyncio.ensure_future(story.engine.accounts.connect_with_token(TODOIST, token))
    await story.until(lambda: bool(story.engine.state().sign_ins))
    story.engine.accounts.cancel(TODOIST)
    with pytest.raises(SignInError, match="cancelled"):
        await connecting
    assert not story.engine.state().sign_ins
    assert not story.engine.state().accounts


async def test_who_gives_up_asking_gives_up_the_account_that_waits(story: Story) -> None:
    story.keyring = NoKeyringYet()
    token = (await story.control("personal_token"))["token"]
    connecting = asyncio.ensure_future(story.engine.accounts.connect_with_token(TODOIST, token))
    await story.until(lambda: bool(story.engine.state().sign_ins))
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    assert not story.engine.state().sign_ins


async def test_a_code_is_redeemed_once_even_if_the_answer_is_lost(story: Story) -> None:
    """Row 28: the exchange is never repeated; the person signs in again."""
    await story.control("drop_answer", path="/oauth/access_token", count=5)
    with pytest.raises(SignInError):
        await story.sign_in(TODOIST)
    (fault,) = (await story.todoist())["faults"]
    assert fault["count"] == 4
    assert not story.engine.state().accounts


async def test_oo_can_be_quit_while_a_sign_in_waits(story: Story) -> None:
    """Row 27."""
    story.browser = nobody_comes
    await story.engine.connect(TODOIST)
    await story.close()
    await story.open()
    assert not story.engine.state().sign_ins


async def test_a_service_that_stumbles_after_the_agreement_is_asked_again(story: Story) -> None:
    await story.control("fail", status=503, count=1, path="/api/v1/user")
    await story.sign_in(TODOIST)
    assert story.account.token_status is TokenStatus.ACTIVE


async def test_right_after_a_reconnect_nothing_speaks_of_the_refusal(story: Story) -> None:
    await story.connect()
    await story.control("revoke")
    await story.until(lambda: story.account.connection is Connection.NEEDS_RECONNECT)
    await story.control("delay", seconds=1, path="/api/v1/tasks")
    await story.sign_in(TODOIST, expected=story.account.key)
    assert story.account.connection is not Connection.NEEDS_RECONNECT
    assert story.account.reason is None


async def test_whoever_gives_up_waiting_gives_up_the_sign_in_they_began(story: Story) -> None:
    story.browser = nobody_comes
    waiting = asyncio.ensure_future(ask(story, "connect", provider="todoist"))
    await story.until(lambda: bool(story.engine.state().sign_ins))
    joined = asyncio.ensure_future(ask(story, "connect", provider="todoist"))
    await asyncio.sleep(0.05)
    joined.cancel()
    await asyncio.sleep(0.05)
    assert story.engine.state().sign_ins
    waiting.cancel()
    await story.until(lambda: not story.engine.state().sign_ins)
