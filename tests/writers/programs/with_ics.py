"""Write the events with ics.py (PyPI)."""

import json
import sys
from datetime import timedelta

import arrow
from ics import Calendar, Event
from ics.alarm import DisplayAlarm
from ics.attendee import Attendee

calendar = Calendar()
for each in json.load(sys.stdin):
    if "weekly" in each:
        continue  # it knows no series
    zone = each.get("zone", "UTC")
    event = Event(
        uid=each["id"],
        name=each["summary"],
        begin=arrow.get(each["start"], tzinfo=zone),
        end=arrow.get(each["end"], tzinfo=zone),
        description=each.get("description"),
        location=each.get("location"),
        url=each.get("url"),
    )
    if len(each["start"]) == 10:
        event.end = arrow.get(each["end"]).shift(days=-1)
        event.make_all_day()
    if "minutes_before" in each:
        event.alarms = [DisplayAlarm(trigger=-timedelta(minutes=each["minutes_before"]))]
    if "guest" in each:
        guest = each["guest"]
        event.attendees = {
            Attendee(
                guest["email"],
                common_name=guest["name"].replace('"', "'"),
                partstat=guest["answer"],
            )
        }
    calendar.events.add(event)
sys.stdout.write(calendar.serialize())
