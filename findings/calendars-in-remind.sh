#!/bin/sh
# remind 0.19.2 (PyPI: ics2rem, rem2ics) with Remind 4.2.3 (Debian 12): the last Friday is every Saturday.
#
# `ics2rem` makes reminders of a calendar, `rem2ics` a calendar of reminders. December 2026 as Remind has it:
#   guess: a birthday of 2020 on the 2nd; what is on Mondays and Wednesdays of every second week since
#          30 November on the 2nd, 14th, 16th, 28th, 30th; what is quarterly since 2 November not at all; what
#          is on last Fridays on the 25th; a course on the 1st to 3rd, not on the 1st and moved to 15:00 on the 2nd
#   seen:  no birthday, as what is yearly is once; the fortnightly is weekly, the quarterly monthly; the last
#          Friday is each Saturday of a month (it is written `Fri -13`); the course is on the 1st, and on the 2nd
#          at both hours
# And back: whole days one after another (take pills, five days) become one event of five days.
# Who meets it: users of Remind who read the calendar of a club or a server in it, also by way of
# radicale-remind, which uses the same functions.
set -eu
for program in apt-get dpkg-deb; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download remind=04.02.03-4 >/dev/null 2>&1
dpkg-deb -x remind_*.deb root
python3 -m venv venv
venv/bin/pip install --quiet remind==0.19.2 vobject==0.9.9 python-dateutil==2.9.0.post0 2>/dev/null

event() {
    name=$1
    shift
    printf '%s\r\n' BEGIN:VEVENT "UID:$name" DTSTAMP:20260901T000000Z "SUMMARY:$name" "$@" END:VEVENT
}
{
    printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN
    event Birthday 'DTSTART;VALUE=DATE:20201202' RRULE:FREQ=YEARLY
    event Fortnightly DTSTART:20261130T090000 'RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE'
    event Quarterly DTSTART:20261102T090000 'RRULE:FREQ=MONTHLY;INTERVAL=3'
    event Friday DTSTART:20261127T090000 'RRULE:FREQ=MONTHLY;BYDAY=-1FR'
    event Course DTSTART:20261201T110000 'RRULE:FREQ=DAILY;COUNT=3' EXDATE:20261201T110000
    event Course RECURRENCE-ID:20261202T110000 DTSTART:20261202T150000
    printf '%s\r\n' END:VCALENDAR
} >club.ics
echo 'REM 2026-11-30 *1 UNTIL 2026-12-04 MSG Take pills' >pills.rem
export TZ=Europe/Berlin PATH="$folder/root/usr/bin:$PATH"
seen=$(
    venv/bin/ics2rem club.ics club.rem
    for name in Birthday Fortnightly Quarterly Friday Course; do
        echo "$name:" $(remind -s -b1 club.rem 2026-12-01 |
            sed -n "s|^2026/12/\(..\).* \([^ ]*\) $name|\1@\2|p" | sort)
    done
    venv/bin/rem2ics --startdate 2026-11-29 --month 2 pills.rem | tr -d '\r' | grep -E '^(DTSTART;|DTEND;|R(RULE|DATE):)' |
        grep VALUE=DATE
)
expected="Birthday:
Fortnightly: 02@09:00 07@09:00 09@09:00 14@09:00 16@09:00 21@09:00 23@09:00 28@09:00 30@09:00
Quarterly: 02@09:00
Friday: 05@09:00 12@09:00 19@09:00 26@09:00
Course: 01@11:00 02@11:00 02@15:00 03@11:00
DTSTART;VALUE=DATE:20261130
DTEND;VALUE=DATE:20261205"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
