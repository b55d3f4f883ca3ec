#!/bin/sh
# todoman 4.7.0 (PyPI): completing one occurrence changes how long the next ones take, and their number.
#
# A report is begun on Monday, 30 November, and due on the Wednesday; weekly, three times, not on
# 7 December; with a reminder a day before. `todo done` completes the first one.
#   guess: the next one begins on the 14th, is due on the 16th, keeps its reminder, and is the last
#   seen:  it begins on the 7th, which EXDATE names, and is due on that same day: DTSTART and DUE are
#          each moved to the next day of the rule, and Wednesday's is a Monday; the reminder, the EXDATE
#          and all that todoman does not know are gone; COUNT is 3 again, so the series never ends
# The series also has a new UID: the old one is completed with what was said of it.
# Who meets it: users of todoman, and everybody with whom they share a list by way of vdirsyncer.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet todoman==4.7.0 icalendar==7.3.2 python-dateutil==2.9.0.post0 2>/dev/null

mkdir -p lists/work
printf '%s\n' "path = '$folder/lists/*'" "cache_path = '$folder/cache'" "default_list = 'work'" >config.py
printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN BEGIN:VTODO UID:report \
    DTSTAMP:20260901T000000Z 'DTSTART;VALUE=DATE:20261130' 'DUE;VALUE=DATE:20261202' \
    'RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3' 'EXDATE;VALUE=DATE:20261207' SUMMARY:Report \
    X-APPLE-SORT-ORDER:5 BEGIN:VALARM ACTION:DISPLAY DESCRIPTION:Report TRIGGER:-P1D END:VALARM \
    END:VTODO END:VCALENDAR >lists/work/report.ics
venv/bin/todo --config config.py done 1 >/dev/null
said() {
    tr -d '\r' <"$1" | grep -E '^(DTSTART|DUE|RRULE|EXDATE|STATUS|X-|TRIGGER)' | sort | paste -sd ' '
}
seen=$(
    echo "report: $(said lists/work/report.ics)"
    rm lists/work/report.ics
    echo "another: $(said lists/work/*.ics)"
)
expected="report: DTSTART;VALUE=DATE:20261130 DUE;VALUE=DATE:20261202 EXDATE;VALUE=DATE:20261207 STATUS:COMPLETED TRIGGER:-P1D X-APPLE-SORT-ORDER:5
another: DTSTART;VALUE=DATE:20261207 DUE;VALUE=DATE:20261207 RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO STATUS:NEEDS-ACTION"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
