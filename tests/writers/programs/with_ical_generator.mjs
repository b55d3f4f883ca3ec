// Write the events with ical-generator (npm).
import { readFileSync } from "node:fs";
import ical from "ical-generator";

const calendar = ical();
for (const each of JSON.parse(readFileSync(0, "utf8"))) {
  const whole = each.start.length === 10;
  const zone = each.zone && each.zone !== "UTC" ? each.zone : undefined;
  // A time on the wall of a zone is a text without offset; an instant, a Date; and a floating time
  // the Date that shows it in UTC, in which it writes those (findings/whole-day-of-ical-generator.sh).
  const at = (text) =>
    whole ? new Date(`${text}T12:00:00Z`) : zone === undefined ? new Date(`${text}:00Z`) : `${text}:00`;
  const end = whole ? new Date(new Date(`${each.end}T12:00:00Z`).getTime()) : at(each.end);
  const event = calendar.createEvent({
    id: each.id, stamp: new Date("2026-11-01T00:00:00Z"), summary: each.summary,
    start: at(each.start), end, allDay: whole, timezone: zone, floating: !whole && !each.zone,
    description: each.description, location: each.location, url: each.url,
  });
  if (each.weekly) {
    event.repeating({ freq: "WEEKLY", count: each.weekly, exclude: [at(each.left_out)], excludeTimezone: zone });
  }
  if (each.minutes_before) {
    event.createAlarm({ type: "display", trigger: each.minutes_before * 60, description: each.summary });
  }
  if (each.guest) {
    event.createAttendee({ name: each.guest.name, email: each.guest.email, status: each.guest.answer });
  }
  if (each.moved) {
    const [was, start, finish] = each.moved;
    calendar.createEvent({
      id: each.id, stamp: new Date("2026-11-01T00:00:00Z"), summary: each.summary,
      recurrenceId: at(was), start: at(start), end: at(finish), timezone: zone,
    });
  }
}
process.stdout.write(calendar.toString());
