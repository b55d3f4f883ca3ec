# Write the events with icalendar (Ruby).
require "icalendar"
require "json"

def moment(text, zone)
  return Icalendar::Values::Date.new(text.delete("-")) if text.length == 10
  basic = text.delete("-:") + "00"
  return Icalendar::Values::DateTime.new(basic) if zone.nil?
  return Icalendar::Values::DateTime.new(basic + "Z") if zone == "UTC"
  Icalendar::Values::DateTime.new(basic, "tzid" => zone)
end

calendar = Icalendar::Calendar.new
JSON.parse($stdin.read).each do |each|
  zone = each["zone"]
  calendar.event do |event|
    event.uid = each["id"]
    event.dtstamp = Icalendar::Values::DateTime.new("20261101T000000Z")
    event.summary = each["summary"]
    event.dtstart = moment(each["start"], zone)
    event.dtend = moment(each["end"], zone)
    event.description = each["description"] if each["description"]
    event.location = each["location"] if each["location"]
    event.url = each["url"] if each["url"]
    if each["weekly"]
      event.rrule = "FREQ=WEEKLY;COUNT=#{each["weekly"]}"
      event.exdate = moment(each["left_out"], zone)
    end
    if each["minutes_before"]
      event.alarm do |alarm|
        alarm.action = "DISPLAY"
        alarm.description = each["summary"]
        alarm.trigger = "-PT#{each["minutes_before"]}M"
      end
    end
    if each["guest"]
      guest = each["guest"]
      event.append_attendee Icalendar::Values::CalAddress.new(
        "mailto:#{guest["email"]}", "CN" => guest["name"].tr('"', "'"), "PARTSTAT" => guest["answer"]
      )
    end
  end
  next unless each["moved"]
  was, start, finish = each["moved"]
  calendar.event do |event|
    event.uid = each["id"]
    event.dtstamp = Icalendar::Values::DateTime.new("20261101T000000Z")
    event.summary = each["summary"]
    event.recurrence_id = moment(was, zone)
    event.dtstart = moment(start, zone)
    event.dtend = moment(finish, zone)
  end
end
print calendar.to_ical
