"""Connecting Google, from the client's file to the events in the tray, and the end of it."""

import asyncio
import json
import logging
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from oo_desktop.connectors.google_calendar.sign_in import (
    NO_LIST,
    PERMISSIONS,
    TESTING,
)
from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.errors import Rejected, SignInError
from oo_desktop.integrations.keyring import MemoryKeyring
from oo_desktop.model.signals import AccountKey, UserId
from oo_desktop.model.state import AccountState, Connection, TokenStatus
from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET
from oo_desktop.sandbox.process import SandboxProcess, config_toml
from oo_desktop.sandbox.visitor import visit
from tests.journeys.process import Oo
from tests.journeys.story import Story, ask, tray
from tests.journeys.test_secrets import everything_written

ADA = "ada@example.com"
GRACE = "grace@example.com"
ADAS = AccountKey(GOOGLE_CALENDAR, UserId(ADA))
CLIENT_FILE = json.dumps(
    {"installed": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "project_id": "x"}}
)


def google(story: Story, email: str = ADA) -> AccountState:
    (found,) = (
        account
        for account in story.engine.state().accounts
        if account.key == AccountKey(GOOGLE_CALENDAR, UserId(email))
    )
    return found


def events(story: Story, email: str = ADA) -> list[str]:
    key = AccountKey(GOOGLE_CALENDAR, UserId(email))
    return [event.title for event in story.engine.state().signals.get(key, ())]


async def connect(story: Story, email: str = ADA, **wishes: Any) -> None:
    """Bring the client's file and sign in; returns when the events are there."""
    story.as_person = email
    await story.engine.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    await story.sign_in(GOOGLE_CALENDAR, **wishes)
    await story.until(lambda: google(story, email).connection is Connection.OK)


async def forget_access(story: Story) -> None:
    """The hour of the access token is over, and oO has not noticed."""
    await story.control("expire", service="google_calendar")


def keyring(story: Story) -> dict[tuple[str, str], str]:
    assert isinstance(story.keyring, MemoryKeyring)
    return story.keyring.entries


# The way in


async def test_a_file_and_a_consent_bring_the_events(story: Story) -> None:
    story.as_person = ADA
    answer = await ask(story, "connect", provider="google_calendar", client=CLIENT_FILE)
    assert answer == {
        "provider": "google_calendar",
        "user_id": ADA,
        "label": ADA,
        "reconnected": False,
    }
    await story.until(lambda: bool(events(story)))


async def test_without_a_client_it_says_what_to_do(story: Story) -> None:
    with pytest.raises(SignInError, match=r"README.*connect google_calendar --client FILE"):
        await ask(story, "connect", provider="google_calendar")


async def test_a_client_for_the_web_is_refused_before_any_browser(story: Story) -> None:
    text = CLIENT_FILE.replace("installed", "web")
    with pytest.raises(SignInError, match="Desktop app"):
        await ask(story, "connect", provider="google_calendar", client=text)
    assert story.engine.state().sign_ins == ()


async def test_todoist_takes_no_client(story: Story) -> None:
    with pytest.raises(SignInError, match="needs no client"):
        await ask(story, "connect", provider="todoist", client=CLIENT_FILE)


async def test_a_reply_without_the_consent_for_it_says_how_to_give_it(story: Story) -> None:
    await connect(story)
    event = story.engine.state().signals[ADAS][0]
    with pytest.raises(Rejected) as caught:
        await ask(story, "act", id=event.id, action="accept")
    assert "Allow replies to invitations" in str(caught.value)
    assert "oo-desktop connect google_calendar --write" in str(caught.value)


async def test_the_wish_to_answer_invitations_is_a_consent_of_its_own(story: Story) -> None:
    await connect(story)
    assert not story.engine.accounts.may_write(ADAS)
    story.as_person = ADA
    await ask(story, "connect", provider="google_calendar", write=True)
    assert story.engine.accounts.may_write(ADAS)
    assert len(story.engine.state().accounts) == 1


async def test_without_the_list_the_main_calendar_is_shown_and_a_note(story: Story) -> None:
    story.untick = ("calendarlist.readonly",)
    await connect(story)
    assert google(story).reason == NO_LIST
    await story.until(lambda: bool(events(story)))


# config.toml


async def test_a_secret_in_the_settings_moves_to_the_keyring_and_goes_on_working(
    tmp_path: Path, sandbox: SandboxProcess
) -> None:
    story = Story(tmp_path / "home", sandbox)
    file = story.folders.config_file
    file.write_text("# mine\n" + story.config(google_client=True) + "# to the end\n")
    before = file.read_bytes()
    await story.open()
    await story.until(lambda: file.read_bytes() != before)
    assert file.read_bytes() == before.replace(CLIENT_SECRET.encode(), b"")
    assert CLIENT_SECRET in keyring(story).values()
    await story.close()
    await story.open()
    story.as_person = ADA
    await story.sign_in(GOOGLE_CALENDAR)
    assert google(story).label == ADA
    await story.close()


# What goes wrong later


async def test_a_client_google_no_longer_accepts_is_a_setting_and_no_sign_out(
    story: Story,
) -> None:
    await connect(story)
    shown = events(story)
    await story.control("google_client", deleted=True)
    await forget_access(story)
    await story.engine.refresh()
    account = google(story)
    assert account.token_status is TokenStatus.ACTIVE
    assert account.connection is Connection.FAILING
    assert account.reason is not None
    assert account.reason.startswith("Google does not accept your client")
    assert events(story) == shown
    assert story.notifications.about_reconnecting() == []


async def test_the_file_of_the_mended_client_puts_it_right(story: Story) -> None:
    await connect(story)
    await story.control("google_client", secret="GOCSPX-another")
    await forget_access(story)
    await story.engine.refresh()
    assert google(story).connection is Connection.FAILING
    text = CLIENT_FILE.replace(CLIENT_SECRET, "GOCSPX-another")
    await story.engine.bring_client(GOOGLE_CALENDAR, text)
    await story.until(lambda: google(story).connection is Connection.OK)


async def test_a_file_with_a_wrong_secret_does_not_cost_the_right_one(story: Story) -> None:
    await connect(story)
    kept = dict(keyring(story))
    text = CLIENT_FILE.replace(CLIENT_SECRET, "GOCSPX-wrong")
    with pytest.raises(SignInError, match="does not accept your client"):
        await ask(story, "connect", provider="google_calendar", client=text)
    assert keyring(story) == kept
    await forget_access(story)
    await story.engine.refresh()
    assert google(story).connection is Connection.OK
    await story.sign_in(GOOGLE_CALENDAR)


async def test_a_grant_that_ended_asks_once_and_a_reconnect_mends_it(story: Story) -> None:
    await connect(story)
    await story.control("revoke", service="google_calendar")
    await story.engine.refresh()
    await story.until(lambda: google(story).token_status is TokenStatus.NEEDS_RECONNECT)
    await story.until(lambda: len(story.notifications.about_reconnecting()) == 1)
    await story.sign_in(GOOGLE_CALENDAR, expected=ADAS)
    await story.until(lambda: google(story).connection is Connection.OK)
    await story.until(lambda: not story.notifications.visible_about_reconnecting())


async def test_the_end_after_seven_days_says_how_to_prevent_it(story: Story) -> None:
    await connect(story)
    await story.close()
    entry = (f"oo-desktop:google_calendar:{ADA}", ADA)
    tokens = json.loads(keyring(story)[entry])
    week_ago = datetime.fromisoformat(tokens["granted_at"]) - timedelta(days=7)
    keyring(story)[entry] = json.dumps({**tokens, "granted_at": week_ago.isoformat()})
    await story.control("google_client", testing=True)
    await story.control("age_grants", days=7)
    await story.open()
    await story.until(lambda: google(story).token_status is TokenStatus.NEEDS_RECONNECT)
    assert google(story).reason == TESTING
    await story.close()
    await story.open()
    assert google(story).reason == TESTING
    rows = tray(story).rows
    assert TESTING in [row.text for row in rows]  # all of it, in a menu's width
    await story.control("google_client", testing=False)
    await story.sign_in(GOOGLE_CALENDAR, expected=ADAS)
    await story.until(lambda: google(story).connection is Connection.OK)
    assert google(story).reason is None


async def test_another_person_on_reconnect_is_never_a_silent_swap(story: Story) -> None:
    await connect(story)
    story.as_person = GRACE
    with pytest.raises(SignInError, match=GRACE):
        await story.sign_in(GOOGLE_CALENDAR, expected=ADAS)
    assert [account.key for account in story.engine.state().accounts] == [ADAS]
    await story.engine.refresh()
    assert google(story).connection is Connection.OK


async def test_one_of_several_accounts_that_is_refused_leaves_the_others_alone(
    story: Story,
) -> None:
    await connect(story)
    await connect(story, GRACE)
    story.as_person = None
    await story.connect()
    await story.control("revoke", service="google_calendar", email=GRACE)
    await story.engine.refresh()
    await story.until(lambda: google(story, GRACE).token_status is TokenStatus.NEEDS_RECONNECT)
    await story.engine.refresh()
    graces = google(story, GRACE)
    assert graces.connection is Connection.REFUSED
    others = [each for each in story.engine.state().accounts if each.key != graces.key]
    assert [each.connection for each in others] == [Connection.OK] * 2
    assert len(story.notifications.about_reconnecting()) == 1


# The way out


async def test_a_disconnect_revokes_and_says_what_that_does_elsewhere(story: Story) -> None:
    await connect(story)
    gone = await ask(story, "disconnect", provider="google_calendar")
    assert (gone["revoked"], gone["revoke_url"]) == (True, "")
    assert "other computers" in gone["note"]
    assert [service for service, _ in keyring(story)] == [
        f"oo-desktop:client:google_calendar:{CLIENT_ID}"
    ]


async def test_a_disconnect_offline_forgets_and_says_where_to_end_it(story: Story) -> None:
    await connect(story)
    await story.control("offline", service="google_calendar")
    gone = await ask(story, "disconnect", provider="google_calendar")
    assert (gone["revoked"], gone["revoke_url"]) == (False, PERMISSIONS)
    assert story.engine.state().accounts == ()


async def test_the_notification_of_a_disconnect_offers_only_what_is_left_to_do(
    story: Story,
) -> None:
    await connect(story)
    await story.center.disconnected(await story.engine.accounts.disconnect(ADAS))
    shown = story.notifications.visible["disconnected"]
    assert shown.title == f"Google Calendar · {ADA} is disconnected"
    assert "other computers" in shown.body
    assert not shown.buttons
    await connect(story)
    await story.control("offline", service="google_calendar")
    await story.center.disconnected(await story.engine.accounts.disconnect(ADAS))
    shown = story.notifications.visible["disconnected"]
    assert PERMISSIONS in shown.body
    assert list(shown.buttons) == ["End access…"]


def test_all_of_it_works_from_the_command_line(tmp_path: Path, sandbox: SandboxProcess) -> None:
    oo = Oo(tmp_path)
    settings = config_toml(sandbox.url, google=True)
    (oo.home / "config.toml").write_text("poll_interval = 5\n" + settings)
    file = tmp_path / "client_secret_x.json"
    file.write_text(CLIENT_FILE)
    oo.start()
    try:
        oo.until_running()
        assert "README" in oo.ask("connect", "google_calendar", code=1)
        words = ("connect", "google_calendar", "--client", str(file))
        assert f"Connected as {ADA}" in oo.ask(*words)
        oo.ask("refresh")
        assert {each["kind"] for each in oo.ask_json("signals")} == {"event"}
        oo.ask("connect", "google-calendar", "--write")
        assert len(oo.ask_json("integrations")) == 1
        assert "other computers" in oo.ask("disconnect", "google_calendar")
        assert CLIENT_SECRET not in oo.printed()
    finally:
        oo.end(signal.SIGKILL)


# Secrets


async def test_no_secret_of_google_is_in_any_file_log_or_state(
    tmp_path: Path, sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture
) -> None:
    story = Story(tmp_path / "home", sandbox)
    file = story.folders.config_file
    file.write_text(story.config(google_client=True))
    secrets = {CLIENT_SECRET}

    async def browser(url: str) -> bool:
        """Learns what the address must not give away later."""
        query = parse_qs(urlsplit(url).query)
        assert CLIENT_SECRET not in url
        secrets.add(query["state"][0])
        story.go(asyncio.to_thread(visit, url, account=ADA))
        return True

    with caplog.at_level(logging.DEBUG):
        await story.open()
        story.browser = browser
        await story.until(lambda: CLIENT_SECRET not in file.read_text())
        secrets |= await signed_in_and_out(story)
        await story.close()
    assert len(secrets) >= 6
    written = everything_written(story, caplog)
    assert [secret[:4] for secret in secrets if secret.encode() in written] == []


async def signed_in_and_out(story: Story) -> set[str]:
    """A life of an account; returns every token and secret that was in the keyring."""
    secrets: set[str] = set()

    def learn() -> None:
        for value in keyring(story).values():
            parts = value.split('"') if value.startswith("{") else [value]
            secrets.update(part for part in parts if len(part) >= 20 and ":" not in part)

    story.as_person = ADA
    await story.sign_in(GOOGLE_CALENDAR)
    learn()
    await forget_access(story)
    await story.engine.refresh()
    learn()
    await story.control("fail", reason="invalid_client")
    await forget_access(story)
    await story.engine.refresh()
    wrong = "GOCSPX-planted-" + "x" * 20  # it never gets as far as the keyring
    await story.engine.bring_client(GOOGLE_CALENDAR, CLIENT_FILE.replace(CLIENT_SECRET, wrong))
    secrets.add(wrong)
    await story.engine.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    await story.control("revoke", service="google_calendar")
    await story.engine.refresh()
    await story.sign_in(GOOGLE_CALENDAR, expected=ADAS)
    learn()
    await story.engine.accounts.disconnect(ADAS)
    return secrets
