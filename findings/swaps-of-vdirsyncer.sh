#!/bin/sh
# vdirsyncer 0.21.0 (PyPI) does not copy a change that only exchanges two lines.
#
# A kitchen duty, weekly, with a name for two of its days. Ada and Ben exchange their days in a program
# that keeps SEQUENCE, as it is no meeting; then Eve comes in for Ada.
#   guess: each change is copied to the other side at the next sync
#   seen:  the exchange is not, by this sync or any later one, and without a word; the change after it is
# (What is compared are the lines of the whole file in alphabetical order, without DTSTAMP and
# LAST-MODIFIED. So the same goes for what is exchanged between two alarms, or master and occurrence.)
# Who meets it: khal, todoman and calcurse get their calendars by it: one side goes on showing who had
# been on duty, or which of two occurrences of a task was ticked.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet vdirsyncer==0.21.0 2>/dev/null

mkdir -p here/duty there/duty
cat >config <<CONFIG
[general]
status_path = "$folder/status/"
[pair both]
a = "here"
b = "there"
collections = ["duty"]
[storage here]
type = "filesystem"
path = "$folder/here/"
fileext = ".ics"
[storage there]
type = "filesystem"
path = "$folder/there/"
fileext = ".ics"
CONFIG
part() { # name, and what more is said
    name=$1
    shift
    printf '%s\r\n' BEGIN:VEVENT UID:duty DTSTAMP:20260901T000000Z "$@" "SUMMARY:$name" END:VEVENT
}
duty() { # who it is on 7 December, and on the 14th
    {
        printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN
        part Kitchen 'DTSTART;VALUE=DATE:20261130' 'RRULE:FREQ=WEEKLY;COUNT=4'
        part "$1" 'RECURRENCE-ID;VALUE=DATE:20261207' 'DTSTART;VALUE=DATE:20261207'
        part "$2" 'RECURRENCE-ID;VALUE=DATE:20261214' 'DTSTART;VALUE=DATE:20261214'
        printf '%s\r\n' END:VCALENDAR
    } >new.ics
    mv new.ics here/duty/duty.ics
    for _ in 1 2; do venv/bin/vdirsyncer -c config sync >/dev/null 2>&1; done
    echo "$1, $2: copied are $(tr -d '\r' <there/duty/duty.ics | sed -n 's/^SUMMARY:\([ABE]..\)$/\1/p' | paste -sd ' ')"
}
venv/bin/vdirsyncer -c config discover both >/dev/null 2>&1 </dev/null
seen=$(
    duty Ada Ben
    sleep 1
    duty Ben Ada
    sleep 1
    duty Ben Eve
)
expected="Ada, Ben: copied are Ada Ben
Ben, Ada: copied are Ada Ben
Ben, Eve: copied are Ben Eve"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
