"""Write the events with icalendar (PyPI)."""

import json
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress


def moment(text: str, zone: str | None) -> date:
    if len(text) == 10:
        return date.fromisoformat(text)
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone)) if zone else at


calendar = Calendar()
calendar.add("version", "2.0")
calendar.add("prodid", "-//twelve events//EN")
for each in json.load(sys.stdin):
    zone = each.get("zone")
    event = Event()
    event.add("uid", each["id"])
    event.add("dtstamp", datetime(2026, 11, 1, tzinfo=UTC))
    event.add("summary", each["summary"])
    event.add("dtstart", moment(each["start"], zone))
    event.add("dtend", moment(each["end"], zone))
    for name in ("description", "location", "url"):
        if name in each:
            event.add(name, each[name])
    if "weekly" in each:
        event.add("rrule", {"freq": "weekly", "count": each["weekly"]})
        event.add("exdate", moment(each["left_out"], zone))
    if "minutes_before" in each:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", each["summary"])
        alarm.add("trigger", -timedelta(minutes=each["minutes_before"]))
        event.add_component(alarm)
    if "guest" in each:
        guest = vCalAddress(f"mailto:{each['guest']['email']}")
        guest.params["CN"] = each["guest"]["name"]
        guest.params["PARTSTAT"] = each["guest"]["answer"]
        event.add("attendee", guest)
    calendar.add_component(event)
    if "moved" in each:
        was, start, end = each["moved"]
        moved = Event()
        moved.add("uid", each["id"])
        moved.add("dtstamp", datetime(2026, 11, 1, tzinfo=UTC))
        moved.add("summary", each["summary"])
        moved.add("recurrence-id", moment(was, zone))
        moved.add("dtstart", moment(start, zone))
        moved.add("dtend", moment(end, zone))
        calendar.add_component(moved)
calendar.add_missing_timezones()
sys.stdout.buffer.write(calendar.to_ical())
