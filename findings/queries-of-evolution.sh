#!/bin/sh
# evolution-data-server 3.46.4 (Debian 12), 3.56.2 (Debian 13): queries for a day do not know series.
#
# A calendar and a task list over D-Bus. Yesterday began a daily meeting, of which today's was moved to
# next week, and a daily task.
#   guess: (occur-in-time-range? TODAY) finds nothing of the meeting, (due-in-time-range? TODAY) the task
#   seen:  the meeting is found, whole, by its rule and without the occurrence that was moved away, which
#          only shows when the UID is asked for; the task is not found, on none of its days but the first
# Who meets it: a program that shows what it is answered for a day: a meeting that is not, and no task.
set -eu
for program in dbus-run-session dpkg-query; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
[ -e /usr/libexec/evolution-calendar-factory ] || { echo "install evolution-data-server first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet jeepney==0.9.0 2>/dev/null

cat >show.py <<'PY'
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

EDS, PATH = "org.gnome.evolution.dataserver", "/org/gnome/evolution/dataserver"
bus = open_dbus_connection()


def call(path, name, interface, member, signature=None, *body):
    address = DBusAddress(path, bus_name=name, interface=f"{EDS}.{interface}")
    return bus.send_and_get_reply(new_method_call(address, member, signature, body)).body


def opened(member, uid):
    factory = (f"{PATH}/CalendarFactory", f"{EDS}.Calendar8", "CalendarFactory")
    path, name = call(*factory, member, "s", uid)
    call(path, name, "Calendar", "Open")
    return path, name, "Calendar"


def component(kind, *lines):
    return "\r\n".join((f"BEGIN:{kind}", "UID:one", *lines, f"END:{kind}", ""))


def found(of, query):
    texts = call(*of, "GetObjectList", "s", query)[0]
    return sorted("moved" if "RECURRENCE-ID" in text else "series" for text in texts)


events, tasks = opened("OpenCalendar", "system-calendar"), opened("OpenTaskList", "system-task-list")
daily = "DTSTART:20261122T090000Z", "RRULE:FREQ=DAILY"
call(*events, "CreateObjects", "asu", [component("VEVENT", *daily, "DTEND:20261122T100000Z")], 0)
moved = "RECURRENCE-ID:20261123T090000Z", "DTSTART:20261130T090000Z", "DTEND:20261130T100000Z"
call(*events, "ModifyObjects", "assu", [component("VEVENT", *moved)], "this", 1)
call(*tasks, "CreateObjects", "asu", [component("VTODO", *daily, "DUE:20261122T100000Z")], 0)
day = '(make-time "20261123T000000Z") (make-time "20261124T000000Z")'
first = day.replace("24T", "x").replace("23T", "22T").replace("x", "23T")
print("the meeting:", *found(events, f"(occur-in-time-range? {day})"))
print("by its UID:", *found(events, '(uid? "one")'))
print("the task:", *found(tasks, f"(due-in-time-range? {day})"))
print("the day before:", *found(tasks, f"(due-in-time-range? {first})"))
PY
export HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" TZ=UTC GSETTINGS_BACKEND=memory
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
seen=$(timeout 60 dbus-run-session -- venv/bin/python show.py 2>/dev/null)
expected="the meeting: series
by its UID: moved series
the task:
the day before: series"
dpkg-query -W -f 'evolution-data-server ${Version}\n' evolution-data-server
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
