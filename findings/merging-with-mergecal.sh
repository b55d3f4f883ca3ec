#!/bin/sh
# mergecal 0.5.0 (PyPI; it is the service mergecal.org, too): a meeting that was moved is at both hours, and
# what is no event is gone.
#
# Two feeds become one: that of a school, and that of a class, which has some of the school's exams. An exam was
# moved (SEQUENCE 2), which the class has not taken over yet (SEQUENCE 1); the school has homework, too.
#   guess: the exam at its new hour (RFC 5545 3.8.7.4: a revision), the homework; a name that tells both
#   seen:  the exam twice, at both hours: only what has the same SEQUENCE is taken for the same, so it keeps
#          apart what it is there to put in order; no homework; no name
# Who meets it: who gives a program one link instead of two.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet mergecal==0.5.0 icalendar==7.3.2 x-wr-timezone==2.0.1 tzdata==2026.1 2>/dev/null

calendar() {
    name=$1
    shift
    printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN "X-WR-CALNAME:$name" "$@" END:VCALENDAR
}
exam="BEGIN:VEVENT UID:exam@school.example DTSTAMP:20260901T000000Z SUMMARY:Exam"
calendar School $exam DTSTART:20261130T100000Z SEQUENCE:2 END:VEVENT \
    BEGIN:VTODO UID:2@school.example DTSTAMP:20260901T000000Z SUMMARY:Homework 'DUE;VALUE=DATE:20261201' \
    END:VTODO >school.ics
calendar Class $exam DTSTART:20261130T080000Z SEQUENCE:1 END:VEVENT >class.ics
venv/bin/mergecal school.ics class.ics --output both.ics >/dev/null
seen=$(tr -d '\r' <both.ics | grep -E '^(X-WR-CALNAME|NAME|BEGIN:V[ET]|SUMMARY|DTSTART)')
expected="BEGIN:VEVENT
SUMMARY:Exam
DTSTART:20261130T100000Z
BEGIN:VEVENT
SUMMARY:Exam
DTSTART:20261130T080000Z"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
