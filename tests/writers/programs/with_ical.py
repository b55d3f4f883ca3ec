"""Write the events with ical (PyPI)."""

import json
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ical.alarm import Alarm
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event
from ical.types import CalAddress, Frequency, Recur


def moment(text: str, zone: str | None) -> date:
    if len(text) == 10:
        return date.fromisoformat(text)
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone)) if zone else at


calendar = Calendar()
for each in json.load(sys.stdin):
    zone = each.get("zone")
    more = {name: each[name] for name in ("description", "location", "url") if name in each}
    event = Event(
        uid=each["id"],
        dtstamp=datetime(2026, 11, 1, tzinfo=UTC),
        summary=each["summary"],
        dtstart=moment(each["start"], zone),
        dtend=moment(each["end"], zone),
        **more,
    )
    if "weekly" in each:
        event.rrule = Recur(freq=Frequency.WEEKLY, count=each["weekly"])
        event.exdate = [moment(each["left_out"], zone)]
    if "minutes_before" in each:
        before = -timedelta(minutes=each["minutes_before"])
        event.alarm = [Alarm(action="DISPLAY", description=each["summary"], trigger=before)]
    if "guest" in each:
        guest = each["guest"]
        event.attendees = [
            CalAddress(
                uri=f"mailto:{guest['email']}", common_name=guest["name"], status=guest["answer"]
            )
        ]
    calendar.events.append(event)
    if "moved" in each:
        was, start, end = each["moved"]
        calendar.events.append(
            Event(
                uid=each["id"],
                dtstamp=datetime(2026, 11, 1, tzinfo=UTC),
                summary=each["summary"],
                recurrence_id=was.replace("-", "").replace(":", "") + "00",
                dtstart=moment(start, zone),
                dtend=moment(end, zone),
            )
        )
sys.stdout.write(IcsCalendarStream.calendar_to_ics(calendar))
