"""Write the events with vobject (PyPI)."""

import json
import sys
from datetime import date, datetime, timedelta

import vobject
from dateutil import tz


def moment(text: str, zone: str | None) -> date:
    if len(text) == 10:
        return date.fromisoformat(text)
    at = datetime.fromisoformat(text)
    return (
        at.replace(tzinfo=vobject.icalendar.utc if zone == "UTC" else tz.gettz(zone))
        if zone
        else at
    )


calendar = vobject.iCalendar()
for each in json.load(sys.stdin):
    zone = each.get("zone")
    event = calendar.add("vevent")
    event.add("uid").value = each["id"]
    event.add("summary").value = each["summary"]
    event.add("dtstart").value = moment(each["start"], zone)
    event.add("dtend").value = moment(each["end"], zone)
    for name in ("description", "location", "url"):
        if name in each:
            event.add(name).value = each[name]
    if "weekly" in each:
        event.add("rrule").value = f"FREQ=WEEKLY;COUNT={each['weekly']}"
        event.add("exdate").value = [moment(each["left_out"], zone)]
    if "minutes_before" in each:
        alarm = event.add("valarm")
        alarm.add("action").value = "DISPLAY"
        alarm.add("description").value = each["summary"]
        alarm.add("trigger").value = -timedelta(minutes=each["minutes_before"])
    if "guest" in each:
        guest = event.add("attendee")
        guest.value = f"mailto:{each['guest']['email']}"
        guest.params["CN"] = [
            each["guest"]["name"].replace('"', "'")
        ]  # it writes quotes as they are
        guest.params["PARTSTAT"] = [each["guest"]["answer"]]
    if "moved" in each:
        was, start, end = each["moved"]
        moved = calendar.add("vevent")
        moved.add("uid").value = each["id"]
        moved.add("summary").value = each["summary"]
        moved.add("recurrence-id").value = moment(was, zone)
        moved.add("dtstart").value = moment(start, zone)
        moved.add("dtend").value = moment(end, zone)
sys.stdout.write(calendar.serialize())
