#!/bin/sh
# icstask 0.5.0 (PyPI) with Taskwarrior 2.6.2 (Debian 12): what has no priority has the highest, and back again.
#
# `ics2task` reads tasks of a calendar into Taskwarrior, `task2ics` writes them. RFC 5545 3.8.1.9: PRIORITY 0
# is none, 1 to 4 high, 5 medium, 6 to 9 low.
#   guess: PRIORITY:0 has none; 3 is H; a rule becomes `recur` or is left out aloud; what has COMPLETED is
#          completed; a task that begins on the 10th waits until then
#   seen:  PRIORITY:0 is H, and written back it is 1; 3 is L, and written back 9; a weekly task is there
#          once; what has COMPLETED without STATUS is open; what begins on the 10th is being worked on since
#          that day to come, and written back it is IN-PROCESS and begins at midnight in "CET"
# Who meets it: users of Taskwarrior who bring tasks from a phone or a server, or take them there.
set -eu
for program in apt-get dpkg-deb; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download taskwarrior=2.6.2+dfsg-1 >/dev/null 2>&1
dpkg-deb -x taskwarrior_*.deb root
python3 -m venv venv
venv/bin/pip install --quiet icstask==0.5.0 vobject==0.9.9 python-dateutil==2.9.0.post0 2>/dev/null

todo() {
    name=$1
    shift
    printf '%s\r\n' BEGIN:VTODO "UID:$name" DTSTAMP:20260901T000000Z "SUMMARY:$name" "$@" END:VTODO
}
{
    printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN
    todo None PRIORITY:0 'DUE;VALUE=DATE:20261201'
    todo Three PRIORITY:3 'DUE;VALUE=DATE:20261201'
    todo Weekly 'DUE;VALUE=DATE:20261201' RRULE:FREQ=WEEKLY
    todo Done 'DUE;VALUE=DATE:20261201' COMPLETED:20261130T080000Z
    todo Later 'DTSTART;VALUE=DATE:20261210' 'DUE;VALUE=DATE:20261212'
    printf '%s\r\n' END:VCALENDAR
} >before.ics
mkdir data
export HOME="$folder" TZ=Europe/Berlin PATH="$folder/root/usr/bin:$PATH"
unset TASKRC TASKDATA XDG_CONFIG_HOME
printf '%s\n' "data.location=$folder/data" confirmation=no >.taskrc
venv/bin/ics2task before.ics data
venv/bin/task2ics data after.ics
seen=$(
    task rc.verbose=nothing export | venv/bin/python -c '
import json, sys
wanted = "description", "status", "priority", "recur", "start"
for task in json.load(sys.stdin):
    print("Taskwarrior", *(task[name] for name in wanted if name in task))'
    tr -d '\r' <after.ics | sed -n '/^BEGIN:VTODO/,$p' |
        grep -E '^(SUMMARY|STATUS|PRIORITY|RRULE|DTSTART|COMPLETED|END:VTODO)' | paste -sd ' ' |
        sed 's/ END:VTODO */\n/g'
)
expected="Taskwarrior None pending H
Taskwarrior Three pending L
Taskwarrior Weekly pending
Taskwarrior Done pending
Taskwarrior Later pending 20261209T230000Z
PRIORITY:1 STATUS:NEEDS-ACTION SUMMARY:None
PRIORITY:9 STATUS:NEEDS-ACTION SUMMARY:Three
STATUS:NEEDS-ACTION SUMMARY:Weekly
STATUS:NEEDS-ACTION SUMMARY:Done
DTSTART;TZID=CET:20261210T000000 STATUS:IN-PROCESS SUMMARY:Later"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
