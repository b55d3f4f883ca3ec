#!/bin/sh
# khal 0.14.1 (PyPI) shows an occurrence twice that was given a time, or was made a whole day.
#
# RFC 5545 3.8.4.4: a component with RECURRENCE-ID stands in place of that occurrence. Cleaning is on
# three whole days, and on the second one at 11:00; a talk at 11:00 on three days takes all of the second.
#   guess: on the second day there is the one that was changed
#   seen:  both: the whole day and the hour. Where the kind stays the same, only what was changed
# (khal keeps whole days and times in two tables, and what is changed replaces in its own one.)
# Who meets it: whoever moves an occurrence from all day to an hour, as Google and Apple let one do by
# dragging it; whoever frees that hour is not free.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet khal==0.14.1 icalendar==7.3.2 2>/dev/null

mkdir calendar
cat >config <<CONFIG
[calendars]
[[calendar]]
path = $folder/calendar
[locale]
local_timezone = UTC
default_timezone = UTC
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = $folder/khal.db
CONFIG
series() { # name, DTSTART of the series, RECURRENCE-ID, DTSTART of that one
    printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN \
        BEGIN:VEVENT "UID:$1" DTSTAMP:20260901T000000Z "DTSTART$2" 'RRULE:FREQ=DAILY;COUNT=3' \
        "SUMMARY:$1" END:VEVENT BEGIN:VEVENT "UID:$1" DTSTAMP:20260901T000000Z "RECURRENCE-ID$3" \
        "DTSTART$4" "SUMMARY:$1 (changed)" END:VEVENT END:VCALENDAR >"calendar/$1.ics"
}
series Cleaning ';VALUE=DATE:20261130' ';VALUE=DATE:20261201' ':20261201T110000Z'
series Talk ':20261130T110000Z' ':20261201T110000Z' ';VALUE=DATE:20261201'
series Fair ';VALUE=DATE:20261130' ';VALUE=DATE:20261201' ';VALUE=DATE:20261201'
seen=$(LC_ALL=C.UTF-8 venv/bin/khal --no-color -c config list --day-format '' \
    --format '{start-time} {title}' 2026-12-01 1d 2>/dev/null | sed 's/ *$//' | sort)
expected=" Cleaning
 Fair (changed)
 Talk (changed)
11:00 Cleaning (changed)
11:00 Talk"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
