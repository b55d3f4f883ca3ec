// Write the events with ics (npm).
import { readFileSync } from "node:fs";
import { createEvents } from "ics";

const events = [];
for (const each of JSON.parse(readFileSync(0, "utf8"))) {
  if (each.zone && each.zone !== "UTC" && each.moved) continue; // it cannot move an occurrence
  const whole = each.start.length === 10;
  const numbers = (text) => text.split(/[-T:]/).map(Number);
  // It knows UTC and floating times; a zone's are given as the instants they are.
  const offset = { "Europe/Berlin": 1, "America/New_York": -5 }[each.zone] ?? 0;
  const at = (text) => {
    const moment = new Date(`${text}:00Z`);
    moment.setUTCHours(moment.getUTCHours() - offset);
    return numbers(moment.toISOString().slice(0, 16));
  };
  const form = each.zone ? "utc" : "local";
  const days = whole ? (new Date(each.end) - new Date(each.start)) / 86_400_000 : 0;
  events.push({
    uid: each.id, title: each.summary, description: each.description, location: each.location, url: each.url,
    start: whole ? numbers(each.start) : at(each.start), startInputType: form, startOutputType: form,
    ...(whole ? { duration: { days } } : { end: at(each.end), endInputType: form, endOutputType: form }),
    alarms: each.minutes_before
      ? [{ action: "display", description: each.summary, trigger: { days: each.minutes_before / 1440, before: true } }]
      : undefined,
    attendees: each.guest
      ? [{ name: each.guest.name, email: each.guest.email, partstat: each.guest.answer }]
      : undefined,
  });
}
const { error, value } = createEvents(events);
if (error) throw error;
process.stdout.write(value);
