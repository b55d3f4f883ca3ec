#!/bin/sh
# libical 3.0.16 (Debian 12): a day added by RDATE is in UTC whatever its zone, and whole days take one more.
#
# icalcomponent_foreach_recurrence tells the spans of all that an event is, in UTC. A choir in Berlin at 09:00 for an
# hour, daily, three times from 30 November, and also on 5 December (RDATE with the same TZID, which is described
# beside it), not on 2 December; a holiday on the 1st, with DTEND on the 2nd.
#   guess: the choir at 08:00Z on each of its days; the holiday until midnight
#   seen:  the choir on 5 December at 09:00Z, the others at 08:00Z: TZID counts in DTSTART and EXDATE, not in
#          RDATE; the holiday lasts until 2 December, 23:59:59, as the last second of DTEND is taken for its
#          end, which RFC 5545 3.6.1 leaves out
# Who meets it: users of programs that have occurrences from libical rather than from Evolution's library, which
# works them out by itself.
set -eu
for program in apt-get dpkg-deb gcc; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download libical3=3.0.16-1+b1 libical-dev=3.0.16-1+b1 libicu72 >/dev/null 2>&1
for package in *.deb; do dpkg-deb -x "$package" root; done

cat >show.c <<'C'
#include <libical/ical.h>
#include <stdio.h>

static void tell(icalcomponent *event, struct icaltime_span *span, void *data) {
    char start[40], end[40];
    (void)data;
    strftime(start, sizeof start, "%m-%d %H:%M:%S", gmtime(&span->start));
    strftime(end, sizeof end, "%m-%d %H:%M:%S", gmtime(&span->end));
    printf("%s %s to %s\n", icalcomponent_get_summary(event), start, end);
}

int main(int count, char **files) {
    static char text[10000];
    FILE *file = fopen(files[count - 1], "r");
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    icalcomponent *calendar = icalparser_parse_string(text);
    icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    struct icaltimetype from = icaltime_from_string("20261101T000000Z"), to = icaltime_from_string("20270101T000000Z");
    for (; event; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
        icalcomponent_foreach_recurrence(event, from, to, tell, NULL);
    return 0;
}
C
libraries="$folder/root/usr/lib/x86_64-linux-gnu"
gcc -I"$folder/root/usr/include" show.c -o show "$libraries/libical.so.3" -Wl,-rpath-link,"$libraries"

event() {
    name=$1
    shift
    printf '%s\r\n' BEGIN:VEVENT "UID:$name" DTSTAMP:20260901T000000Z "SUMMARY:$name" "$@" END:VEVENT
}
{
    printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN BEGIN:VTIMEZONE TZID:Europe/Berlin BEGIN:STANDARD \
        DTSTART:19961027T030000 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU' TZOFFSETFROM:+0200 TZOFFSETTO:+0100 \
        END:STANDARD BEGIN:DAYLIGHT DTSTART:19810329T020000 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU' \
        TZOFFSETFROM:+0100 TZOFFSETTO:+0200 END:DAYLIGHT END:VTIMEZONE
    event Choir 'DTSTART;TZID=Europe/Berlin:20261130T090000' 'DTEND;TZID=Europe/Berlin:20261130T100000' \
        'RRULE:FREQ=DAILY;COUNT=3' 'EXDATE;TZID=Europe/Berlin:20261202T090000' 'RDATE;TZID=Europe/Berlin:20261205T090000'
    event Holiday 'DTSTART;VALUE=DATE:20261201' 'DTEND;VALUE=DATE:20261202'
    printf '%s\r\n' END:VCALENDAR
} >before.ics
seen=$(TZ=Europe/Berlin LD_LIBRARY_PATH="$libraries" ./show before.ics)
expected="Choir 11-30 08:00:00 to 11-30 09:00:00
Choir 12-01 08:00:00 to 12-01 09:00:00
Choir 12-05 09:00:00 to 12-05 10:00:00
Holiday 12-01 00:00:00 to 12-02 23:59:59"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
