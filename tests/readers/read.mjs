// Reads calendars with ical.js and node-ical: JSON on standard input, one answer a line.
//
// A time without zone is one of this process: TZ has to be the zone of whoever looks.
// An occurrence is [title, start, end]; a time of it an instant (…Z), without zone, or a day.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import nodeIcal from "node-ical";

console.warn = () => {}; // of each name of a zone that it does not know

const DAY = 24 * 3600 * 1000;

function withIcalJs({ text, day, days }) {
  const last = new Date(`${day}T00:00:00Z`).getTime() + (days + 3) * DAY;
  let calendars = ICAL.parse(text);
  if (typeof calendars[0] === "string") calendars = [calendars];
  const found = [];
  for (const each of calendars) {
    const calendar = new ICAL.Component(each);
    ICAL.TimezoneService.reset();
    for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
    const parts = calendar.getAllSubcomponents("vevent");
    const changes = parts.filter((part) => part.hasProperty("recurrence-id"));
    for (const part of parts) {
      if (changes.includes(part)) continue;
      const uid = part.getFirstPropertyValue("uid");
      const exceptions = changes.filter((each) => each.getFirstPropertyValue("uid") === uid);
      const event = new ICAL.Event(part, { exceptions, strictExceptions: true });
      if (!event.isRecurring()) {
        found.push(seen(event, event.startDate, event.endDate));
        continue;
      }
      const steps = event.iterator();
      for (let next; (next = steps.next()); ) {
        if (next.toJSDate().getTime() > last) break;
        const { item, startDate, endDate } = event.getOccurrenceDetails(next);
        found.push(seen(item, startDate, endDate));
      }
    }
  }
  return found.filter(Boolean);
}

function seen(event, start, end) {
  if (event.component.getFirstPropertyValue("status") === "CANCELLED") return null;
  return [event.summary, said(start), said(end)];
}

function said(time) {
  if (time.isDate || time.zone === ICAL.Timezone.localTimezone) return time.toString();
  return new Date(time.toUnixTime() * 1000).toISOString();
}

function withNodeIcal({ text, day, days }) {
  const middle = new Date(`${day}T00:00:00Z`).getTime();
  const window = {
    from: new Date(middle - 3 * DAY),
    to: new Date(middle + (days + 3) * DAY),
    expandOngoing: true,
  };
  const found = [];
  for (const part of Object.values(nodeIcal.sync.parseICS(text))) {
    if (part.type !== "VEVENT") continue;
    for (const each of nodeIcal.expandRecurringEvent(part, window)) {
      if (each.event.status === "CANCELLED") continue;
      const title = each.summary.val ?? each.summary;
      found.push([title, ...[each.start, each.end].map((at) => (each.isFullDay ? date(at) : at.toISOString()))]);
    }
  }
  return found;
}

function date(at) {
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

for (const calendar of JSON.parse(readFileSync(0, "utf8"))) {
  const answer = {};
  for (const [name, read] of [["ical.js", withIcalJs], ["node-ical", withNodeIcal]]) {
    try {
      answer[name] = read(calendar);
    } catch (error) {
      answer[name] = String(error);
    }
  }
  console.log(JSON.stringify(answer));
}
