"""The control page's part about Google: what is planned, and the buttons."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from html import escape

from oo_desktop.sandbox.control.parameters import GOOGLE_CALENDAR
from oo_desktop.sandbox.google.model import Calendar, Entry, Event, Person
from oo_desktop.sandbox.google.recurrence import occurrences
from oo_desktop.sandbox.google.service import Google
from oo_desktop.sandbox.google.times import instant_of

Button = Callable[..., str]
"""`control_page.button`: action, words and fields to a form of one button."""

_AHEAD = timedelta(days=2)


def planned(google: Google, button: Button) -> str:
    """What each person has today and tomorrow."""
    return "".join(
        f"<h2>{escape(person.name)} · {escape(person.zone)}</h2><ul>{rows}</ul>"
        for person in google.state.people.values()
        if (rows := "".join(_rows(google, person, button)))
    )


def _rows(google: Google, person: Person, button: Button) -> Iterable[str]:
    now = google.clock.now()
    found: list[tuple[datetime, Calendar, Event]] = []
    for entry in person.entries.values():
        if entry.role in ("owner", "writer") and not entry.deleted:
            found += _coming(entry, now)
    for _, calendar, event in sorted(found, key=lambda row: row[0]):
        yield _row(calendar, event, now, button)


def _coming(entry: Entry, now: datetime) -> Iterable[tuple[datetime, Calendar, Event]]:
    calendar, zone = entry.calendar, entry.calendar.zoneinfo
    window = {"after": now, "before": now + _AHEAD}
    for event in list(calendar.events.values()):
        if event.recurrence:
            instances = list(occurrences(calendar, event, **window))
        elif event.series in calendar.events:
            continue  # It comes with its series.
        else:
            late_enough = instant_of(event.end, zone) > now
            near = instant_of(event.start, zone) < now + _AHEAD
            instances = [event] if late_enough and near else []
        for one in instances:
            if not one.cancelled:
                yield instant_of(one.start, zone), calendar, one


def _row(calendar: Calendar, event: Event, now: datetime, button: Button) -> str:
    fields = {"id": escape(event.id), "calendar": escape(calendar.id)}
    title = escape(str(event.content.get("summary", "No title")))
    move = (
        button("move_event", "+15 min", name=f"move-{event.id}", **fields, by=15)
        if isinstance(event.start, datetime)
        else ""
    )
    cancel = button("cancel_event", "Cancel", name=f"cancel-{event.id}", **fields)
    return (
        f'<li class="task"><div class="what"><div>{title}</div>'
        f'<div class="meta"><span>{_when(calendar, event, now)}</span>'
        f"<span>{escape(calendar.summary)}</span></div></div>{move}{cancel}</li>"
    )


def _when(calendar: Calendar, event: Event, now: datetime) -> str:
    zone = calendar.zoneinfo
    start, today = instant_of(event.start, zone).astimezone(zone), now.astimezone(zone).date()
    day = {0: "Today", 1: "Tomorrow"}.get((start.date() - today).days, f"{start:%A}")
    if not isinstance(event.start, datetime):
        return f"{day}, all day"
    end = instant_of(event.end, zone).astimezone(zone)
    return f"{day} {start:%H:%M} to {end:%H:%M}"


def buttons(google: Google, button: Button) -> list[str]:
    """What can be made of it with one click."""
    client = next(iter(google.grants.clients.values()))
    testing = (
        button("google_client", "Publish the app", kind="on", testing="false")
        if client.testing
        else button("google_client", "Set the app to testing", testing="true")
    )
    return [
        button("expire", "Expire access tokens", name="expire-google", service=GOOGLE_CALENDAR),
        button(
            "revoke",
            "Revoke everything",
            kind="alarm",
            name="revoke-google",
            service=GOOGLE_CALENDAR,
        ),
        testing,
        button("age_grants", "Seven days pass", days=7),
    ]


def apps(google: Google) -> Iterable[str]:
    """A row for each client that somebody let in: name and what it can do."""
    for client in google.grants.clients.values():
        given = [grant for grant in google.grants.grants if grant.client is client]
        if not given:
            continue
        live = google.grants.live_access(client)
        lasting = any(google.grants.lives(grant) for grant in given)
        words = "connected" if live else "can refresh" if lasting else "not connected"
        kind = "soft" if live or lasting else "bad"
        yield (
            f"<li><span>{escape(client.name)}, at Google</span>"
            f'<span class="{kind}">{words}</span></li>'
        )


def add_form() -> str:
    """The form that plans something."""
    return """<form class="add" method="post" action="/sandbox/api/add_event">
<input class="wide" name="summary" required placeholder="What is planned" aria-label="Title">
<input name="in_minutes" value="15" inputmode="numeric" aria-label="In how many minutes">
<input name="minutes" value="30" inputmode="numeric" aria-label="For how many minutes">
<span class="soft small">in … minutes, for … minutes</span>
<button class="primary">Add</button></form>
<p class="small after"><a href="/sandbox/google/client_secret.json" download>The client’s file</a>,
as the Cloud console offers it</p>"""
