"""The law is worth what it catches: each fault planted in a write or a story, and what is right."""

import pytest

from tests.faults.caldav_law import Effect, Story, Wrong, Wrote, effect_of, violations
from tests.faults.law import Addition, Click, Kept

PATH = "/ada/tasks/plants.ics"
FIRST, SECOND = "20261121T080000Z", "20261122T080000Z"


def resource(*todos: bytes) -> bytes:
    return b"".join((b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", *todos, b"END:VCALENDAR\r\n"))


def todo(*lines: str) -> bytes:
    return "\r\n".join(("BEGIN:VTODO", "UID:plants", *lines, "END:VTODO", "")).encode()


KEPT = ("SUMMARY:Water", " the plants", "X-OTHER:kept")
DATES = ("DTSTART;TZID=Europe/Berlin:20261121T090000", "DUE;TZID=Europe/Berlin:20261121T100000")
LATER = ("DTSTART;TZID=Europe/Berlin:20261122T090000", "DUE;TZID=Europe/Berlin:20261122T100000")
TWO_ON = ("DTSTART;TZID=Europe/Berlin:20261123T090000", "DUE;TZID=Europe/Berlin:20261123T100000")
OVER = ("STATUS:COMPLETED", "COMPLETED:20261122T100000Z", "PERCENT-COMPLETE:100")
NAMED = "RECURRENCE-ID;TZID=Europe/Berlin:20261121T090000"
RULE = "RRULE:FREQ=DAILY;COUNT=5"

SINGLE = resource(todo(*KEPT, *DATES))
SINGLE_DONE = resource(todo(*KEPT, *DATES, *OVER, "SEQUENCE:1"))
SINGLE_LATER = resource(todo(*KEPT, *LATER))
SERIES = resource(todo(*KEPT, *DATES, RULE))
MOVED_ON = resource(todo(*KEPT, *LATER, "RRULE:FREQ=DAILY;COUNT=4", "SEQUENCE:1"))
OVERRIDE = resource(todo(*KEPT, *DATES, RULE), todo(*KEPT, NAMED, *DATES, *OVER))


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        pytest.param(SINGLE, SINGLE_DONE, Effect("done", None, "2026-11-21T09:00:00Z"), id="done"),
        pytest.param(
            SINGLE_DONE, SINGLE, Effect("reopened", None, "2026-11-21T09:00:00Z"), id="reopened"
        ),
        pytest.param(
            SINGLE, SINGLE_LATER, Effect("moved", None, "2026-11-22T09:00:00Z"), id="moved"
        ),
        pytest.param(
            SERIES, MOVED_ON, Effect("done", FIRST, "2026-11-21T09:00:00Z"), id="moved on"
        ),
        pytest.param(
            MOVED_ON, SERIES, Effect("reopened", FIRST, "2026-11-21T09:00:00Z"), id="moved back"
        ),
        pytest.param(
            SERIES, OVERRIDE, Effect("done", FIRST, "2026-11-21T09:00:00Z"), id="an override"
        ),
        pytest.param(
            OVERRIDE, SERIES, Effect("reopened", FIRST, "2026-11-21T09:00:00Z"), id="taken out"
        ),
    ],
)
def test_a_write_is_told_by_what_was_there_before_and_after(
    before: bytes, after: bytes, effect: Effect
) -> None:
    assert effect_of(before, after) == effect


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(
            SERIES,
            resource(todo(*KEPT, *TWO_ON, "RRULE:FREQ=DAILY;COUNT=3")),
            "not to the next occurrence",
            id="moved twice",
        ),
        pytest.param(
            SERIES,
            resource(todo(*KEPT, *LATER, RULE)),
            "not to the next occurrence",
            id="COUNT as before",
        ),
        pytest.param(
            SERIES,
            resource(todo(*KEPT, LATER[0], DATES[1], "RRULE:FREQ=DAILY;COUNT=4")),
            "not to the next occurrence",
            id="due as before",
        ),
        pytest.param(
            SERIES, resource(todo(*KEPT, *DATES, RULE, *OVER)), "finished for ever", id="finished"
        ),
        pytest.param(
            SINGLE, resource(todo(*KEPT[:2], *DATES, *OVER)), "foreign lines", id="a line lost"
        ),
        pytest.param(
            SINGLE,
            resource(todo("SUMMARY:Water the plants", KEPT[2], *DATES, *OVER)),
            "foreign lines",
            id="a line folded otherwise",
        ),
        pytest.param(
            SINGLE,
            resource(todo(KEPT[2], *KEPT[:2], *DATES, *OVER)),
            "foreign lines",
            id="lines in another order",
        ),
        pytest.param(
            SINGLE, SINGLE_DONE.replace(b"VERSION:2.0\r\n", b""), "foreign lines", id="around it"
        ),
        pytest.param(
            SERIES,
            resource(todo(*KEPT, *DATES, RULE), todo(*KEPT[:2], NAMED, *DATES, *OVER)),
            "foreign lines",
            id="an override with less",
        ),
        pytest.param(
            SERIES,
            resource(todo(*KEPT, *LATER, RULE), todo(*KEPT, NAMED, *DATES, *OVER)),
            "2 components",
            id="an override, and moved on",
        ),
        pytest.param(
            SINGLE, resource(todo(*KEPT, *LATER, *OVER)), "at once", id="moved and finished"
        ),
        pytest.param(
            SINGLE, resource(todo(*KEPT, *DATES, "SEQUENCE:9")), "nothing changed", id="for nothing"
        ),
    ],
)
def test_a_write_that_does_more_or_less_is_caught(before: bytes, after: bytes, said: str) -> None:
    with pytest.raises(Wrong, match=said):
        effect_of(before, after)


def story(first: bytes, *bodies: bytes, by_us: bool = True, clicks: tuple[Click, ...]) -> Story:
    writes = [
        Wrote(path=PATH, before=before, after=after, by_us=by_us)
        for before, after in zip((first, *bodies), bodies, strict=False)
    ]
    return Story(first={PATH: first}, writes=writes, clicks=clicks)


def done(stamp: str = "", kept: Kept = Kept.GONE) -> Click:
    task = f"{PATH}#{stamp}" if stamp else PATH
    return Click(uuid="click", kind="done", task=task, kept=kept, reason="It is locked.")


def undone(click: Click) -> Click:
    click.undone = True
    click.undo = Click(uuid="undo", kind="reopen", task=click.task)
    return click


def put_off(to: str) -> Click:
    due = "2026-11-21T09:00:00Z"
    return Click(uuid="click", kind="tomorrow", task=PATH, dues=[due], moves=True, to=to)


MOVED_AGAIN = resource(todo(*KEPT, *TWO_ON, "RRULE:FREQ=DAILY;COUNT=3"))


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(story(SINGLE, SINGLE_DONE, clicks=(done(),)), id="done"),
        pytest.param(story(SINGLE, SINGLE_DONE, SINGLE, clicks=(undone(done()),)), id="undone"),
        pytest.param(story(SINGLE, clicks=(undone(done()),)), id="undone before it was sent"),
        pytest.param(story(SINGLE, clicks=(done(kept=Kept.REFUSED),)), id="refused"),
        pytest.param(story(SERIES, MOVED_ON, clicks=(done(FIRST),)), id="moved on"),
        pytest.param(
            story(SERIES, MOVED_ON, MOVED_AGAIN, clicks=(done(FIRST), done(SECOND))), id="both"
        ),
        pytest.param(
            story(SINGLE, SINGLE_LATER, clicks=(put_off("2026-11-22T09:00:00Z"),)), id="put off"
        ),
        pytest.param(
            story(SINGLE, SINGLE_DONE, by_us=False, clicks=(done(),)), id="done by others first"
        ),
    ],
)
def test_what_is_as_clicked_keeps_the_law(told: Story) -> None:
    assert violations(told) == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        pytest.param(story(SINGLE, clicks=(done(),)), "lost", id="never written"),
        pytest.param(
            story(SINGLE, SINGLE_DONE, SINGLE, SINGLE_DONE, clicks=(done(),)), "2 times", id="twice"
        ),
        pytest.param(
            story(SERIES, MOVED_ON, MOVED_AGAIN, clicks=(done(FIRST),)),
            "asked for 0 times",
            id="the next one, too",
        ),
        pytest.param(
            story(SINGLE, SINGLE_DONE, clicks=(done(kept=Kept.REFUSED),)),
            "no click stands",
            id="written, and yet refused",
        ),
        pytest.param(
            story(SINGLE, SINGLE_DONE, clicks=(undone(done()),)),
            "no click stands",
            id="not taken back",
        ),
        pytest.param(
            story(SINGLE, SINGLE_LATER, clicks=(put_off("2026-11-24T09:00:00Z"),)),
            "nobody asked for",
            id="put off to another day",
        ),
        pytest.param(
            story(SINGLE, SINGLE_LATER, by_us=False, clicks=(done(),)),
            "lost",
            id="moved by others, and never done",
        ),
        pytest.param(
            story(SINGLE, clicks=(done(kept=Kept.WAITING),)), "never settled", id="still waiting"
        ),
    ],
)
def test_what_is_not_as_clicked_is_caught(told: Story, said: str) -> None:
    assert said in " ".join(violations(told))


def test_a_list_that_is_not_what_the_server_has_is_caught() -> None:
    told = Story(first={}, writes=(), clicks=(), shown={PATH: None})
    assert "but there is" in " ".join(violations(told))


# New tasks

NEW = resource(
    todo("SUMMARY:Tea", "DUE;VALUE=DATE:20261122", "STATUS:NEEDS-ACTION").replace(
        b"UID:plants", b"UID:u"
    )
)
TEA = Addition(uuid="u", title="Tea")
TAKEN_BACK = Addition(uuid="u", title="Tea", undone=True)


def added(addition: Addition, *writes: tuple[bytes | None, bool], late: bool = False) -> Story:
    """What there is after each write, and whether oO wrote it."""
    bodies = [None, *(body for body, _ in writes)]
    told = [
        Wrote(path="/tasks/u.ics", before=before, after=after, by_us=by_us)
        for before, (after, by_us) in zip(bodies, writes, strict=False)
    ]
    return Story(first={}, writes=told, clicks=(), additions=(addition,), late=late)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(added(TEA, (NEW, True)), id="added"),
        pytest.param(added(TAKEN_BACK), id="never sent"),
        pytest.param(added(TAKEN_BACK, (NEW, True), (None, True)), id="added and deleted"),
        pytest.param(added(TAKEN_BACK, (NEW, True), (None, False)), id="deleted elsewhere"),
        pytest.param(added(TEA, (NEW, True), (None, False)), id="deleted elsewhere, and let be"),
        pytest.param(
            added(TEA, (NEW, True), (None, False), (NEW, True)), id="deleted while it was lost"
        ),
        pytest.param(
            added(TAKEN_BACK, (NEW, True), (None, True), (NEW, True), late=True), id="a late one"
        ),
    ],
)
def test_a_new_task_that_is_there_once_keeps_the_law(told: Story) -> None:
    assert violations(told) == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        pytest.param(added(TEA), "lost", id="never added"),
        pytest.param(added(TAKEN_BACK, (NEW, True)), "still there", id="not taken back"),
        pytest.param(
            added(TAKEN_BACK, (NEW, True), (None, True), (NEW, True)), "added 2 times", id="again"
        ),
        pytest.param(
            added(TEA, (NEW.replace(b"Tea", b"Milk"), True)), "not as it was asked for", id="other"
        ),
        pytest.param(
            added(TEA, (NEW.replace(b"UID:u", b"UID:x"), True)),
            "not as it was asked for",
            id="another UID",
        ),
    ],
)
def test_a_new_task_that_is_lost_or_there_twice_is_caught(told: Story, said: str) -> None:
    assert said in " ".join(violations(told))
