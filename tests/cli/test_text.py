"""The words a person reads."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.cli import text
from oo_desktop.cli.arguments import ACTION_WORDS
from oo_desktop.commands import requests

READER = text.Reader(datetime(2026, 11, 22, 12, tzinfo=UTC), zone=UTC)

TASK = {
    "id": "8Jx2",
    "kind": "task",
    "title": "Pay rent",
    "due": "2026-11-22",
    "overdue": False,
    "priority": 1,
    "container": "Home",
    "actions": ["done"],
    "pending": False,
}

ACCOUNT = {
    "provider": "todoist",
    "user_id": "1",
    "label": "ada@example.com",
    "token_status": "active",
    "connection": "ok",
    "last_success": "2026-11-22T11:58:00Z",
    "next_poll": "2026-11-22T12:00:30+00:00",
    "pending": 0,
}


TEAM = {
    "provider": "google_calendar",
    "user_id": "ada",
    "id": "a/b#c",
    "name": "Team",
    "shown": True,
    "problem": None,
}


def row(**changed: object) -> list[str]:
    """The cells of one signal's line."""
    return [cell for cell in text.signals([TASK | changed], READER).split("  ") if cell]


def account(**changed: object) -> str:
    return text.accounts([ACCOUNT | changed], READER)


def test_a_task_says_when_how_urgent_what_where_and_its_id() -> None:
    assert row() == ["Sun 22 Nov", "p1", "Pay rent", "Home", "8Jx2"]


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("2026-11-22", "Sun 22 Nov"),  # a day names no zone: whether it is today, who knows
        ("2026-11-21", "Sat 21 Nov"),
        ("2025-11-01", "1 Nov 2025"),
        ("2026-11-21T23:30:00+00:00", "yesterday 23:30"),
        ("2026-11-24T09:00:00+00:00", "Tue 24 Nov 09:00"),
        ("2026-11-22T14:30:00+00:00", "today 14:30"),
        ("2026-11-23T01:30:00+14:00", "today 01:30"),  # there, tomorrow has begun
        ("2026-11-22T14:30:00Z", "today 14:30"),
        ("some day", "some day"),
    ],
)
def test_a_time_is_told_in_few_words(due: str, words: str) -> None:
    assert row(due=due)[0] == words


def test_the_day_of_an_account_far_away_is_never_called_by_a_word_of_this_machine() -> None:
    night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # in Auckland, noon of the 23rd
    lines = text.signals(
        [
            TASK | {"due": "2026-11-22", "overdue": True},
            TASK | {"due": "2026-11-23T11:00:00+13:00", "overdue": True},
            TASK | {"due": "2026-11-23"},
        ],
        text.Reader(night),
    ).split("\n")
    assert [line.split("  p1")[0].split() for line in lines] == [
        ["overdue", "Sun", "22", "Nov"],
        ["overdue", "today", "11:00"],
        ["Mon", "23", "Nov"],
    ]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (
            ("2026-11-22T09:00:00-05:00", "2026-11-22T09:30:00-05:00"),
            "today 09:00–09:30 (New York)",
        ),
        (("2026-11-22T15:00:00+01:00", "2026-11-22T15:30:00+01:00"), "today 15:00–15:30"),
        # By the clock of that day, not of today.
        (("2026-07-01T15:00:00+02:00", "2026-07-01T15:30:00+02:00"), "Wed 1 Jul 15:00–15:30"),
        (("2026-11-22", "2026-11-23"), "Sun 22 Nov"),
        (("some day", ""), "some day"),
    ],
)
def test_an_event_names_the_zone_of_its_times_where_the_wall_shows_another(
    times: tuple[str, str], words: str
) -> None:
    event = {"kind": "event", "title": "Review", "start": times[0], "end": times[1]}
    reader = text.Reader(datetime(2026, 11, 22, 12, tzinfo=UTC), zone=ZoneInfo("Europe/Berlin"))
    assert text.signals([event | {"zone": "America/New_York"}], reader) == f"{words}  Review"
    unknown = words.removesuffix(" (New York)")
    assert text.signals([event | {"zone": None}], reader) == f"{unknown}  Review"
    assert text.signals([event], reader) == f"{unknown}  Review"


def test_what_nothing_can_be_done_with_comes_without_an_id() -> None:
    assert row(actions=[]) == ["Sun 22 Nov", "p1", "Pay rent", "Home"]
    assert row(actions=[], pending=True)[-1] == "8Jx2", "that can be undone"


def test_what_goes_without_saying_is_not_said() -> None:
    """As in the tray: the lowest priority, and the main calendar of an account."""
    assert row(priority=4) == ["Sun 22 Nov", "Pay rent", "Home", "8Jx2"]
    assert "ada@example.com" not in row(container="ada@example.com", user_id="ada@example.com")


def test_eighty_columns_are_enough_for_what_the_tray_shows() -> None:
    review = TASK | {
        "title": "Review the draft of the grant report",
        "container": "Notes & Letters",
        "due": "2026-11-21T09:00:00+00:00",
        "overdue": True,
        "id": "6XKTsDGN9xAonEN8",
    }
    event = {
        "kind": "event",
        "title": "Lunch",
        "start": "2026-11-23T08:40:00+00:00",
        "end": "2026-11-23T10:15:00+00:00",
    }
    said = text.signals([review, event], text.Reader(READER.now, columns=80, zone=UTC))
    assert [len(line) for line in said.split("\n")] == [80, 40]
    assert "Review the draft of the gr…  6XKTsDGN9xAonEN8" in said
    assert "Notes & Letters" in text.signals(
        [review, event], text.Reader(READER.now, columns=120, zone=UTC)
    )


def test_what_is_overdue_or_waiting_says_so_in_words() -> None:
    assert row(overdue=True, due="2026-11-21")[:2] == ["overdue", "Sat 21 Nov"]
    assert "on its way" in row(pending=True)
    unconfirmed = row(pending=True, unconfirmed=True)
    assert "not confirmed yet" in unconfirmed
    assert "on its way" not in unconfirmed


def test_an_event_says_from_when_to_when() -> None:
    event = {
        "kind": "event",
        "start": "2026-11-22T14:00:00+00:00",
        "end": "2026-11-22T15:30:00+00:00",
        "priority": None,
    }
    assert row(**event)[0] == "today 14:00–15:30"
    assert row(kind="event", start="2026-11-22", end="2026-11-23")[0] == "Sun 22 Nov"
    days = row(kind="event", start="2026-11-22", end="2026-11-25", tentative=True)
    assert days[0] == "Sun 22 Nov–Tue 24 Nov"
    assert "maybe" in days
    assert "not answered" in row(kind="event", tentative=True, unanswered=True)


@pytest.mark.parametrize("title", [None, "", "\n", "\u200b\u200f", "\u200d \u3164"])
def test_a_title_that_shows_nothing_is_named(title: str | None) -> None:
    assert "(no title)" in row(title=title)
    assert text.done({"title": title}, READER).startswith("Done: (no title)\n")
    assert text.undo({"title": title}, READER) == "Taken back: (no title)"


def click(**changed: object) -> str:
    known = {"id": "8Jx2", "action": "next_week", "title": "Pay rent", "state": "queued"}
    return text.outbox([known | changed], READER)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"state": "queued"}, "waiting"),
        ({"state": "sent"}, "sent"),
        ({"state": "sent", "unconfirmed": True}, "not confirmed yet"),
        ({"state": "refused"}, "refused"),
        ({"state": "new"}, "new"),
    ],
)
def test_a_click_says_how_far_it_is(state: dict[str, object], words: str) -> None:
    assert [cell.strip() for cell in click(**state).split("  ") if cell][-2:] == [words, "8Jx2"]
    assert click(**state).startswith("next week  Pay rent")


def test_the_reason_of_a_click_stands_below() -> None:
    said = click(state="refused", reason="It is\nread-only.")
    assert said.split("\n")[1:] == ["Pay rent: It is read-only."]


def test_a_click_says_where_it_moves_its_task_and_since_when() -> None:
    said = click(due="2026-11-30", clicked_at="2026-11-22T09:59:00Z")
    assert "to Mon 30 Nov  2 h ago" in said


def test_what_was_done_with_a_task_is_said_in_words() -> None:
    moved = text.act({"action": "tomorrow", "title": "Rent", "due": "2026-11-23"}, READER)
    assert moved == "Moved to Mon 23 Nov: Rent\nTake it back with: oo-desktop undo"
    assert text.act({"action": "no_date", "title": "Rent"}, READER).startswith("Date removed: Rent")
    assert text.act({"action": "reopen", "title": "Rent"}, READER) == "Taken back: Rent"
    accepted = text.act({"action": "accept", "title": "Lunch"}, READER)
    assert accepted == "Accepted: Lunch\nTake it back with: oo-desktop undo"
    assert text.joined({"title": "Lunch"}, READER) == "Opened in your browser: Lunch"


def test_nothing_to_tell_is_said_too() -> None:
    assert text.outbox([], READER) == "Nothing is on its way."
    assert text.undo([], READER) == "There is nothing to undo."
    assert text.retry([], READER) == "Nothing was refused."


def test_the_actions_of_the_command_line_are_those_there_are() -> None:
    assert ACTION_WORDS == requests.NAMED_ACTIONS


def test_an_empty_list_is_good_news() -> None:
    assert text.signals([], READER) == "Nothing needs you now."


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", "\ufffd[31mred"),
        ("\x9b31mred", "\ufffd31mred"),
        ("a\nb\tc\r\n", "a b c  "),
        ("a\u202eb", "ab"),
        ("a\u2028b", "a b"),
        ("a\x00b\x07", "a\ufffdb\ufffd"),
        ("\ud800", "\ufffd"),
        ("👩\u200d👧 für", "👩\u200d👧 für"),
        ("a\u00a0b", "a b"),
    ],
)
def test_nothing_in_a_text_steers_the_terminal(raw: str, shown: str) -> None:
    assert text.plain(raw) == shown


@given(st.text())
def test_any_text_becomes_one_printable_line(raw: str) -> None:
    shown = text.plain(raw)
    assert all(char.isprintable() or char in "\u200c\u200d" for char in shown)
    assert text.plain(shown) == shown


def test_an_account_says_how_it_is_and_how_old_its_list() -> None:
    assert account() == ("todoist  ada@example.com  connected  updated 2 min ago  next in a moment")
    assert "never updated" in account(last_success=None)
    assert "3 on their way" in account(pending=3)
    assert "1 on its way" in account(pending=1)
    assert "way" not in account(pending=0)
    assert "updated 2 h ago" in account(last_success="2026-11-22T09:59:00Z")
    assert "updated yesterday 11:00" in account(last_success="2026-11-21T11:00:00Z")
    assert "updated on Wed 11 Nov" in account(last_success="2026-11-11T11:00:00Z")
    assert "just now" in account(last_success="2026-11-22T11:59:50Z")


def test_of_several_accounts_of_a_service_each_says_its_id() -> None:
    """`--user` takes it."""
    lines = text.accounts([ACCOUNT, ACCOUNT | {"user_id": "2"}], READER).split("\n")
    assert [line.split()[2] for line in lines] == ["1", "2"]


def test_an_account_to_reconnect_says_how() -> None:
    said = account(
        token_status="needs_reconnect",
        connection="refused",
        reason="Todoist refuses the sign-in.",
    )
    assert "needs reconnect" in said
    assert "ada@example.com: Todoist refuses the sign-in." in said
    assert said.split("\n")[-1] == "Reconnect with: oo-desktop connect todoist --user 1"


def test_each_account_to_reconnect_is_named_so_that_it_comes_back_as_it_was() -> None:
    refused = ACCOUNT | {"provider": "google_calendar", "token_status": "needs_reconnect"}
    said = text.accounts(
        [refused | {"user_id": "ada@example.com"}, ACCOUNT, refused | {"user_id": "it's me\x1b"}],
        READER,
    )
    assert said.split("\n")[-2:] == [
        "Reconnect with: oo-desktop connect google_calendar --user ada@example.com",
        "Reconnect with: oo-desktop connect google_calendar --user 'it'\"'\"'s me\ufffd'",
    ]


def test_no_account_says_how_to_connect_one() -> None:
    assert "oo-desktop connect todoist" in text.accounts([], READER)


def test_an_account_whose_changes_are_told_is_up_to_date_however_long_ago_it_was_asked() -> None:
    said = account(told=True)
    assert "up to date" in said
    assert "updated" not in said
    assert "next" not in said


def test_who_has_no_account_is_told_of_what_is_offered_first() -> None:
    answer = {"accounts": [], "services": ["desktop", "todoist"]}
    assert text.integrations(answer, READER).endswith("oo-desktop connect desktop")
    assert text.status(answer | {"services": ["todoist"]}, READER).endswith("connect todoist")


def test_a_calendar_says_whether_it_is_shown_and_its_id() -> None:
    lines = text.calendars([TEAM, TEAM | {"name": "Trips", "shown": False}], READER).split("\n")
    assert lines == ["shown   Team   a/b#c", "hidden  Trips  a/b#c"]


def test_a_calendar_that_can_only_be_looked_at_says_so() -> None:
    lines = text.calendars([TEAM | {"read_only": True}], READER).split("\n")
    assert lines == ["shown, read-only  Team  a/b#c"]


def test_a_calendar_says_what_its_service_lists_it_under() -> None:
    lines = text.calendars([TEAM | {"group": "Google"}, TEAM], READER).split("\n")
    assert lines == ["shown  Team  Google  a/b#c", "shown  Team          a/b#c"]


def test_calendars_of_several_accounts_say_whose_they_are() -> None:
    lines = text.calendars([TEAM, TEAM | {"user_id": "bob"}], READER).split("\n")
    assert lines == ["shown  Team  ada  a/b#c", "shown  Team  bob  a/b#c"]


def test_a_calendar_in_trouble_says_why() -> None:
    troubled = TEAM | {"problem": "It is gone."}
    assert text.calendars([troubled], READER).split("\n")[1] == "Team: It is gone."
    assert text.calendars(troubled, READER) == "Shown: Team\nTeam: It is gone."


WAITING = {"provider": "todoist", "note": "oO found no keyring."}


def test_a_first_account_that_waits_for_the_keyring_is_told() -> None:
    told = ["No account is connected yet.", "Connecting todoist: oO found no keyring."]
    assert text.integrations({"accounts": [], "sign_ins": [WAITING]}, READER).split("\n") == told
    status = text.status({"version": "1", "accounts": [], "sign_ins": [WAITING]}, READER)
    assert status.split("\n")[2:] == told


def test_what_waits_stands_below_the_accounts_there_are() -> None:
    browser = {"provider": "todoist", "note": None}
    lines = text.integrations({"accounts": [ACCOUNT], "sign_ins": [browser]}, READER).split("\n")
    assert lines == [
        text.accounts([ACCOUNT], READER),
        "Connecting todoist: It waits for you to agree in the browser.",
    ]


def test_a_problem_stands_above_the_accounts() -> None:
    said = text.status(
        {"version": "1", "accounts": [ACCOUNT], "problem": "The disk is full."}, READER
    )
    assert said.split("\n")[:3] == ["oO 1 is running.", "The disk is full.", ""]


def test_a_disconnect_with_nothing_lost_does_not_speak_of_loss() -> None:
    assert text.disconnected({"label": "Ada", "dropped": 0, "revoke_url": None}, READER) == (
        "Disconnected Ada."
    )
    assert "1 click was" in text.disconnected({"label": "Ada", "dropped": 1}, READER)


def test_what_a_service_said_of_a_disconnect_stands_in_place_of_the_address() -> None:
    gone = {"label": "Ada", "revoke_url": "https://x.example", "note": "It is over there, too."}
    assert text.disconnected(gone, READER) == "Disconnected Ada.\nIt is over there, too."


def test_an_answer_of_another_shape_is_shown_as_far_as_it_goes() -> None:
    assert text.signals([{}], READER) == "(no title)"
    assert text.accounts([{"provider": "todoist", "last_success": 5}], READER)
    assert text.status({}, READER)


@pytest.mark.parametrize(
    ("unread", "lists", "words"),
    [
        (1, "events", "1 event could not be read."),
        (3, "events", "3 events could not be read."),
        (2, "tasks", "2 tasks could not be read."),
        (2, None, "2 entries could not be read."),
    ],
)
def test_how_much_of_an_account_could_not_be_read_is_said(
    unread: int, lists: str | None, words: str
) -> None:
    assert f"\nada@example.com: {words}" in account(unread=unread, lists=lists)
    answer = {"accounts": [ACCOUNT | {"unread": unread, "lists": lists}]}
    assert text.signals(answer, READER) == f"Nothing to show.\nada@example.com: {words}"
    assert "could not be read" not in account(unread=0, lists=lists)
    assert "could not be read" not in account()


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        ("offline", "It is kept, and sent when Todoist can be reached."),
        ("rate_limited", "It is kept, and sent when Todoist takes requests again."),
        ("waiting_for_keyring", "It is kept, and sent when the keyring can be read."),
        ("refused", "It is kept, and sent when you reconnect this account."),
    ],
)
def test_a_new_task_that_waits_says_for_what(connection: str, words: str) -> None:
    told = {"title": "Tea", "service": "Todoist", "account": "ada", "connection": connection}
    assert words in text.added(told, READER).splitlines()


@pytest.mark.parametrize("connection", ["ok", "unknown", "failing", None])
def test_a_new_task_that_goes_out_says_nothing_of_that(connection: str | None) -> None:
    told = {"title": "Tea", "service": "Todoist", "account": "ada", "connection": connection}
    assert text.added(told, READER).splitlines()[:2] == ["Added: Tea", "Account: ada (Todoist)."]


def test_settings_are_listed_with_what_they_mean() -> None:
    answer: list[dict[str, object]] = [
        {"name": "show.all_day", "value": False, "default": True, "meaning": "Whether so."},
        {"name": "quick_add.list", "value": "", "default": "", "meaning": "Which\x1b."},
    ]
    said = text.settings(answer, READER)
    assert said.splitlines()[:2] == ["show.all_day = off", "    Whether so. (default: on)"]
    assert "quick_add.list = nothing" in said
    assert "\x1b" not in said
    assert text.changed(answer[0], READER) == "show.all_day = off"


def test_mistakes_of_the_file_are_part_of_the_status() -> None:
    assert "config.toml, line 1: no." in text.status(
        {"mistakes": ["config.toml, line 1: no."]}, READER
    )


def test_whether_it_starts_with_the_session_is_said() -> None:
    assert text.autostart({"on": True}, READER) == "oO starts when you log in."
    assert "autostart on" in text.autostart({"on": False}, READER)
