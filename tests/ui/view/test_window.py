"""What the window says and offers in every state."""

from datetime import timedelta

import pytest
from msgspec import structs

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.commands.commands import (
    Act,
    AskForDay,
    CopyUrl,
    Discard,
    Done,
    Every,
    OpenUrl,
    Reconnect,
    Refresh,
    Retry,
    Undo,
    Unlock,
)
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import AccountKey, ActionKind, Adding, UserId
from oo_desktop.model.state import AppState, Connection
from oo_desktop.ui.view.rows import Row, RowKind
from oo_desktop.ui.view.window import (
    MAX_BARS,
    NO_TRAY,
    EntryRow,
    Heading,
    Item,
    WindowLists,
    WindowView,
    as_looked_at,
    next_change,
    words_of,
)
from tests.ui import scenes
from tests.ui.scenes import ADA, MEET, NOW, TASKS, click, day, full_day, task, view_of
from tests.ui.view.views import BERLIN


def listed(view: WindowView, query: str = "") -> list[str]:
    """Headings as `# Today 3`, rows by their titles."""
    return [
        f"# {row.section} {row.count}"
        if isinstance(row, Heading)
        else view.words.item(row).title[:20]
        for row in view.rows.matching(words_of(query))
    ]


def row_of(view: WindowView, title: str) -> EntryRow:
    return next(
        row
        for row in view.rows.all
        if isinstance(row, EntryRow) and row.entry.signal.title.startswith(title)
    )


def item_of(view: WindowView, title: str) -> Item:
    return view.words.item(row_of(view, title))


def offered(rows: tuple[Row, ...]) -> list[str]:
    return [row.text for row in rows if row.kind is not RowKind.SEPARATOR]


def bars(view: WindowView) -> list[tuple[str, list[str]]]:
    return [(bar.text, [row.text for row in bar.rows]) for bar in view.bars]


# The list


def test_a_day_reads_in_one_order_under_five_headings() -> None:
    found = listed(view_of(full_day()))
    assert [each for each in found if each[0] == "#"] == [
        "# now 2", "# overdue 2", "# today 9", "# tomorrow 2", "# later 3",
    ]  # fmt: skip
    today = found.index("# today 9")
    assert found[today + 1 : today + 6] == [
        "Autumn fair", "Call Ana", "Design review", "קנה חלב וביצים", "Parents’ evening",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "when", "notes", "place"),
    [
        ("Breakfast", "Now, until 10:15", ("Café Central",), ""),
        ("Stand-up", "09:58–10:13", ("in 8 min",), "Engine"),
        ("Answer Ines", "Fri 20 Nov", (), "Work"),
        ("Pay the", "Yesterday", (), "Home"),
        ("Autumn fair", "All day, until Thu", (), "Family"),
        ("Call Ana", "11:30", (), "Work"),
        ("Design review", "14:00–15:00", ("not answered",), "Engine"),
        ("Parents", "19:10–20:40", ("maybe",), "Family"),
        ("Water", "", (), "Home"),
        ("Flight", "09:50–11:25", (), ""),
        ("Renew", "Fri 4 Dec", (), "Home"),
        ("Mia", "Tue 1 Dec, all day", (), "Family"),
        ("Read the book", "", (), "Home"),
    ],
)
def test_a_row_says_when_and_where_and_no_more_than_its_heading_leaves_open(
    title: str, when: str, notes: tuple[str, ...], place: str
) -> None:
    item = item_of(view_of(full_day()), title)
    assert (item.when, item.notes, item.place) == (when, notes, place)


def test_a_title_is_whole() -> None:
    title = TASKS[4].title
    assert item_of(view_of(full_day()), "Prepare").title == title


def test_whose_it_is_is_said_where_there_are_two_and_as_short_as_tells_them_apart() -> None:
    assert item_of(view_of(full_day()), "Call Ana").account == ""
    view = view_of(scenes.two_accounts())
    accounts = {view.words.item(row).account for row in view.rows.all if isinstance(row, EntryRow)}
    assert accounts == {"ada", "bob.longname"}


@pytest.mark.parametrize(
    ("title", "spoken"),
    [
        ("Pay the", "Pay the electricity bill, overdue, Yesterday, priority 1, Home"),
        ("Stand-up", "Stand-up, 09:58–10:13, in 8 min, Engine, can be joined"),
        ("Design review", "Design review, 14:00–15:00, not answered, Engine"),
        ("Water", "Water the plants, Home"),
    ],
)
def test_a_screen_reader_hears_all_of_a_row(title: str, spoken: str) -> None:
    assert item_of(view_of(full_day()), title).text == spoken


def test_a_meeting_can_be_joined_while_it_is_near_and_its_own_row_says_so() -> None:
    view = view_of(full_day())
    assert item_of(view, "Stand-up").join == OpenUrl(MEET)
    assert item_of(view, "Design review").join is None


def test_rows_that_have_not_changed_are_the_very_same() -> None:
    lists, agenda = WindowLists(), Agenda()
    before = view_of(full_day(), lists, agenda=agenda)
    after = view_of(full_day(), lists, NOW + timedelta(seconds=30), agenda=agenda)
    assert before.rows.all is after.rows.all


# Clicks that are held


def test_what_was_clicked_stays_in_its_place_with_undo() -> None:
    before, view = view_of(full_day()), view_of(scenes.held_day())
    assert [row.id for row in view.rows.all] == [row.id for row in before.rows.all]
    done, moved = item_of(view, "Call Ana"), item_of(view, "Review")
    assert (done.happened, done.done, done.undo) == ("Done", True, Undo(1))
    assert (moved.happened, moved.done, moved.undo) == ("Moved to tomorrow", False, Undo(2))
    assert not done.can_be_done
    assert view.words.done_rows == {row_of(view, "Call Ana").id}


def test_once_it_is_no_longer_held_it_is_gone() -> None:
    view = view_of(scenes.held_day(), now=NOW + timedelta(seconds=6))
    assert "Call Ana" not in listed(view)


@pytest.mark.parametrize("state", [OutboxState.SENT, OutboxState.CONFIRMED])
def test_what_is_not_held_is_not_kept(state: OutboxState) -> None:
    sent = click(1, TASKS[2], state=state, sent_at=NOW)
    shown = full_day(outbox=(sent,), undoable=(sent,))
    assert as_looked_at(shown, NOW) is shown


def test_the_window_changes_when_a_hold_ends_and_else_within_a_minute() -> None:
    agenda = Agenda()
    selection = agenda.select(full_day(), NOW, local_zone=BERLIN)
    assert next_change(full_day(), selection) <= NOW + timedelta(minutes=1)
    assert next_change(scenes.held_day(), selection) == NOW + timedelta(seconds=5)


def test_doing_again_what_is_done_takes_it_back() -> None:
    view = view_of(scenes.held_day())
    done, open_ = row_of(view, "Call Ana"), row_of(view, "Water")
    assert view.words.done([open_]) == Done(open_.entry.signal.key)
    assert view.words.done([done]) == Undo(1)
    assert view.words.done([done, open_]) == Done(open_.entry.signal.key)
    assert view.words.done([row_of(view, "Autumn fair")]) is None


# What rows offer


def test_a_task_offers_all_there_is() -> None:
    view = view_of(full_day())
    row = row_of(view, "Call Ana")
    menu = view.words.menu([row])
    assert offered(menu) == ["Done", "Reschedule", "Open in Todoist", "Copy link"]
    assert offered(menu[1].rows) == [
        "Later today, 14:00", "Tomorrow, Thu 26 Nov", "Next week, Mon 30 Nov", "No date",
        "Pick a date…",
    ]  # fmt: skip
    assert menu[1].rows[-1].command == AskForDay((row.entry.signal.key,))
    assert menu[-1].command == CopyUrl(row.entry.signal.url or "")


def test_an_invitation_offers_answers_and_a_meeting_to_join_is_joined_first() -> None:
    view = view_of(full_day())
    assert offered(view.words.menu([row_of(view, "Design review")])) == [
        "Reply", "Open in Google Calendar", "Copy link",
    ]  # fmt: skip
    assert offered(view.words.menu([row_of(view, "Stand-up")]))[0] == "Join"


def test_what_was_clicked_offers_undo_and_where_it_is() -> None:
    view = view_of(scenes.held_day())
    menu = view.words.menu([row_of(view, "Call Ana")])
    assert offered(menu) == ["Undo", "Open in Todoist", "Copy link"]


def test_of_several_what_is_possible_is_asked_of_each() -> None:
    view = view_of(full_day())
    rows = [row_of(view, title) for title in ("Call Ana", "Water", "Autumn fair")]
    keys = tuple(row.entry.signal.key for row in rows[:2])
    menu = view.words.menu(rows)
    assert offered(menu) == ["Done (2)", "Reschedule"]
    assert menu[0].command == Every(tuple(map(Done, keys)))
    ways = {row.text: row.command for row in menu[1].rows}
    assert ways["Tomorrow"] == Every(tuple(Act(key, ActionKind.TOMORROW) for key in keys))
    assert ways["No date"] == Every((Act(keys[0], ActionKind.NO_DATE),)), (
        "what recurs keeps its own"
    )
    assert ways["Pick a date…"] == AskForDay(keys)


@pytest.mark.parametrize(
    ("title", "opens"),
    [
        ("Call Ana", OpenUrl("https://app.todoist.com/app/task/1")),
        ("Stand-up", OpenUrl(MEET)),
        ("Design review", OpenUrl("https://calendar.google.com/event?eid=1")),
        ("Autumn fair", None),
    ],
)
def test_opening_a_row_joins_what_can_be_joined_and_else_shows_it(
    title: str, opens: OpenUrl | None
) -> None:
    view = view_of(full_day())
    assert view.words.link(row_of(view, title)) == opens


# Looking for something


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ana", ["# today 1", "Call Ana"]),
        ("WORK call", ["# today 1", "Call Ana"]),
        ("cafe", ["# now 1", "Breakfast with Ben"]),
        ("engine", ["# now 1", "Stand-up", "# today 1", "Design review"]),
        ("חלב", ["# today 1", "קנה חלב וביצים"]),
        ("nothing like it", []),
    ],
)
def test_rows_are_found_by_all_words_in_them_under_their_headings(
    query: str, found: list[str]
) -> None:
    assert listed(view_of(full_day()), query) == found


def test_a_blank_query_finds_everything() -> None:
    view = view_of(full_day())
    assert view.rows.matching(words_of("  ")) is view.rows.all


def test_the_same_words_again_find_the_very_same_rows() -> None:
    rows = view_of(full_day()).rows
    found = rows.matching(words_of("call"))
    assert rows.matching(words_of("Call")) is found
    assert rows.matching(words_of("ana")) != rows.matching(words_of("engine"))


def test_labels_are_looked_through() -> None:
    errand = task("Post", day(0), labels=("Town",))
    view = view_of(scenes.state(scenes.account(ADA, "a"), signals={ADA: (errand, *TASKS)}))
    assert listed(view, "town") == ["# today 1", "Post"]


# Around the list


@pytest.mark.parametrize(
    ("scene", "title", "buttons"),
    [
        ("starting", "Starting…", []),
        (
            "welcome",
            "Welcome to oO",
            [
                "Connect Todoist…", "Connect Google Calendar…", "Connect CalDAV…",
                "Add a calendar link…",
            ],
        ),
        ("loading", "Your list will be here soon", []),
        ("unreached", "Nothing fetched yet", ["Try again"]),
        ("empty", "Nothing needs you now", []),
    ],
)  # fmt: skip
def test_where_there_is_no_list_it_is_said_why_and_what_helps(
    scene: str, title: str, buttons: list[str]
) -> None:
    placard = view_of(scenes.SCENES[scene]).placard
    assert placard is not None
    assert placard.title == title
    assert [row.text for row in placard.rows] == buttons


def test_with_a_list_there_is_no_placard() -> None:
    assert view_of(full_day()).placard is None


def test_an_account_that_needs_the_user_has_one_bar_with_its_button() -> None:
    view = view_of(scenes.troubled_day())
    assert bars(view)[1:] == [
        ("Todoist needs you to sign in again, list saved 1 h ago.", ["Reconnect Todoist…"]),
        ("Google Calendar: 3 events could not be read.", ["Open Google Calendar"]),
    ]
    assert view.bars[1].rows[0].command == Reconnect(ADA)


def test_a_refused_click_has_a_bar_until_the_user_has_decided() -> None:
    bar = view_of(scenes.troubled_day()).bars[0]
    assert bar.text.startswith("Not done: Water the plants. Somebody has moved it")
    assert [row.command for row in bar.rows] == [Retry(3), Discard(3)]


def test_many_refused_clicks_share_a_bar() -> None:
    refused = tuple(
        click(number, task(str(number)), state=OutboxState.REJECTED) for number in range(9)
    )
    assert bars(view_of(full_day(outbox=refused))) == [
        ("9 changes were not accepted.", ["Try all again"])
    ]


def test_where_titles_are_hidden_a_bar_names_none() -> None:
    state = structs.replace(scenes.troubled_day(), hide_titles=True)
    assert view_of(state).bars[0].text.startswith("Not done. Somebody")


def test_a_locked_keyring_is_said_once_and_can_be_unlocked() -> None:
    view = view_of(scenes.locked())
    assert bars(view) == [
        ("oO is waiting for your keyring. Unlock it and oO carries on by itself.", ["Unlock…"])
    ]
    assert view.bars[0].rows[0].command == Unlock()
    assert view.fresh == "Todoist: 9 h ago."


def test_a_sign_in_that_waits_for_the_browser_can_be_given_up_or_copied() -> None:
    view = view_of(scenes.SCENES["welcome-browser"])
    assert bars(view) == [
        ("Your browser asks you to let oO into Todoist.", ["Copy the link", "Cancel"])
    ]


def test_one_that_waits_for_the_keyring_says_why() -> None:
    state = scenes.SCENES["welcome-browser"]
    assert state is not None
    waiting = structs.replace(state.sign_ins[0], note="Your keyring is locked")
    (bar,) = view_of(structs.replace(state, sign_ins=(waiting,))).bars
    assert bar.text == "Waiting for your keyring to connect Todoist. Your keyring is locked."
    assert [row.text for row in bar.rows] == ["Unlock…", "Cancel"]


def test_a_problem_of_everything_stands_on_top() -> None:
    view = view_of(full_day(problem="The disk is full"))
    assert bars(view)[0] == ("The disk is full.", ["Try again"])
    assert view.bars[0].rows[0].command == Refresh()


def test_a_service_that_fails_says_why_once() -> None:
    failing = scenes.account(ADA, "a", connection=Connection.FAILING, reason="It answers nonsense")
    view = view_of(scenes.state(failing, signals={ADA: TASKS}))
    assert bars(view) == [("Todoist: It answers nonsense.", ["Try again"])]


def test_many_accounts_in_trouble_leave_room_for_the_list() -> None:
    bad = [
        scenes.account(
            AccountKey(scenes.TODOIST, UserId(str(number))),
            f"{number}@example.com",
            connection=Connection.FAILING,
        )
        for number in range(9)
    ]
    found = view_of(scenes.state(*bad, signals={})).bars
    assert len(found) == MAX_BARS
    assert found[-1].text == ("6 more things could need you: see Accounts in this window’s menu.")


def test_its_menu_has_what_the_tray_offers_beside_the_list() -> None:
    menu = view_of(full_day(hide_titles=True), tray=False).menu
    assert [row.text for row in menu if row.text] == [
        *("Accounts", "Pause notifications", "Hide titles", "Settings…", "Show the log"),
        "Quit oO",
    ]
    assert [row.ticked for row in menu if row.text == "Hide titles"] == [True]
    assert "Pause notifications" not in [row.text for row in view_of(scenes.NOBODY).menu]


def test_without_a_tray_the_window_says_how_it_is_found_again() -> None:
    assert [bar.text for bar in view_of(full_day(), tray=False).bars] == [NO_TRAY]


@pytest.mark.parametrize(
    ("state", "fresh"),
    [
        (full_day(), "Updated 2 min ago."),
        (
            scenes.troubled_day(),
            "Todoist: 1 h ago. Google Calendar: offline since 09:40, showing saved events.",
        ),
        (scenes.two_accounts(), "Todoist (ada): 2 min ago. Todoist (bob.longname): just now."),
        (scenes.SCENES["loading"], "Todoist: fetching…"),
        (scenes.SCENES["unreached"], "Todoist: offline, nothing fetched yet."),
        (scenes.NOBODY, ""),
    ],
)
def test_how_fresh_it_is_is_said_of_all_at_once_or_service_by_service(
    state: AppState, fresh: str
) -> None:
    assert view_of(state).fresh == fresh


def test_what_tells_of_its_changes_is_up_to_date_in_the_window_too() -> None:
    long_ago = scenes.NOW - timedelta(hours=2)
    told = scenes.account(ADA, "a", told=True, last_success=long_ago)
    assert view_of(scenes.state(told, signals={ADA: TASKS})).fresh == "Todoist: up to date."


def test_clicks_that_wait_are_counted_there() -> None:
    offline = scenes.account(ADA, "a", connection=Connection.OFFLINE, waiting=2)
    view = view_of(scenes.state(offline, signals={ADA: TASKS}))
    assert view.fresh.endswith("2 clicks wait to be sent to Todoist.")


def test_a_click_that_is_only_held_does_not_count_as_waiting() -> None:
    held = scenes.held_day()
    accounts = (structs.replace(held.accounts[0], waiting=3), *held.accounts[1:])
    state = structs.replace(held, accounts=accounts)
    assert view_of(state).fresh.endswith("1 click waits to be sent to Todoist.")
    assert "wait" not in view_of(structs.replace(held, accounts=held.accounts)).fresh


def test_a_task_can_be_added_where_an_account_takes_some() -> None:
    taking = scenes.account(ADA, "a", adding=Adding())
    assert view_of(scenes.state(taking, signals={})).can_add
    assert not view_of(full_day()).can_add
