#!/bin/sh
# calcurse 4.7.1 (Debian 12) makes a series of COUNT longer by each day that EXDATE takes out of it.
#
# RFC 5545 3.8.5.1: the days of EXDATE are taken from the set that COUNT has made. A course, daily, three
# times from 30 November at 10:00, not on 1 December, and that of the 2nd at 16:00 instead.
#   guess: 30 November at 10:00, and 2 December at 16:00 (or at both hours: it cannot move one)
#   seen:  30 November, 2 December at both hours, and 3 December, a day on which there never was any;
#          exported again it says UNTIL=20261203T100000 to everyone
#          a meeting with STATUS:CANCELLED is on, a cancelled task is open, as is one that is done by
#          PERCENT-COMPLETE:100; of tasks the date is lost
# Who meets it: who imports a calendar, or keeps one in step with a server by calcurse-caldav, which
# writes in this form what it changes.
set -eu
for program in apt-get dpkg-deb; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download calcurse=4.7.1-1 >/dev/null 2>&1
dpkg-deb -x calcurse_*.deb root

part() {
    kind=$1 name=$2
    shift 2
    printf '%s\r\n' "BEGIN:$kind" "UID:$name" DTSTAMP:20260901T000000Z "SUMMARY:$name" "$@" "END:$kind"
}
{
    printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN
    part VEVENT Course DTSTART:20261130T100000 DTEND:20261130T110000 'RRULE:FREQ=DAILY;COUNT=3' \
        EXDATE:20261201T100000
    part VEVENT Course RECURRENCE-ID:20261202T100000 DTSTART:20261202T160000 DTEND:20261202T170000
    part VEVENT Meeting DTSTART:20261130T120000 DTEND:20261130T130000 STATUS:CANCELLED
    part VTODO Report 'DUE;VALUE=DATE:20261201' STATUS:CANCELLED
    part VTODO Bins 'DUE;VALUE=DATE:20261201' PERCENT-COMPLETE:100
    printf '%s\r\n' END:VCALENDAR
} >before.ics
mkdir data config
calcurse() { TZ=UTC LC_ALL=C root/usr/bin/calcurse -D data -C config "$@" </dev/null; }
calcurse -i before.ics >/dev/null
seen=$(
    calcurse -Q --filter-type cal --from 11/30/2026 --days 5 | sed '/^$/d; s/^[[:space:]]*//'
    calcurse -t | sed '/^$/d'
    calcurse -xical | tr -d '\r' | grep -E '^(RRULE|DUE|STATUS|PERCENT)'
)
expected="11/30/26:
- 10:00 -> 11:00
Course
- 12:00 -> 13:00
Meeting
12/02/26:
- 10:00 -> 11:00
Course
- 16:00 -> 17:00
Course
12/03/26:
- 10:00 -> 11:00
Course
to do:
0. Bins
0. Report
RRULE:FREQ=DAILY;UNTIL=20261203T100000"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
