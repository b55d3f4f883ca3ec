#!/bin/sh
# Emacs 28.2 (Debian 12): a calendar that is imported into the diary has other days, and a night loses its hours.
#
# `icalendar-import-file` tells of no errors. From 30 November 2026 on, as the diary then has it:
#   guess: weekly, three times: 30 November, 7 and 14 December; every second week on Mondays and Wednesdays:
#          30, 2, 14, 16, 28, 30; the second Tuesday of December, yearly: 8 December, in 2027 the 14th; a
#          night shift on the 1st from 22:00; two days by RDATE: the 1st and 3rd; a meeting that is moved
#          from 11:00 to 15:00 on the 1st: at 15:00 there
#   seen:  three times is four; every second week is every week; the second Tuesday is the 8th for ever; the
#          night shift is on all of the 1st; what has RDATE is left out, with not a word; the meeting
#          is at both hours
# Who meets it: who keeps a diary or an Org agenda (`org-agenda-include-diary`) in Emacs, and gets invitations or
# the calendar of somebody else.
set -eu
for program in emacs dpkg-query; do
    command -v $program >/dev/null || { echo "install emacs-nox first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

event() {
    name=$1
    shift
    printf '%s\r\n' BEGIN:VEVENT "UID:$name" DTSTAMP:20260901T000000Z "SUMMARY:$name" "$@" END:VEVENT
}
{
    printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//x//EN
    event Thrice DTSTART:20261130T090000 DTEND:20261130T100000 'RRULE:FREQ=WEEKLY;COUNT=3'
    event Fortnightly DTSTART:20261130T120000 DTEND:20261130T130000 'RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE'
    event Tuesday DTSTART:20261208T140000 DTEND:20261208T150000 'RRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=2TU'
    event Shift DTSTART:20261201T220000 DTEND:20261202T060000
    event Twice 'DTSTART;VALUE=DATE:20261201' 'RDATE;VALUE=DATE:20261203'
    event Meeting DTSTART:20261130T110000 DTEND:20261130T113000 'RRULE:FREQ=DAILY;COUNT=2'
    event Meeting RECURRENCE-ID:20261201T110000 DTSTART:20261201T150000 DTEND:20261201T153000
    printf '%s\r\n' END:VCALENDAR
} >before.ics
cat >show.el <<'EL'
(setq diary-file (expand-file-name "diary") calendar-date-style 'iso diary-display-function 'ignore)
(setq icalendar-import-format "%s")
(require 'icalendar)
(require 'diary-lib)
(require 'subr-x)
(icalendar-import-file "before.ics" diary-file t)
(defun shown (name first days)
  "Print on which of DAYS from FIRST on the diary has NAME."
  (dotimes (number days)
    (let ((date (calendar-gregorian-from-absolute (+ number (calendar-absolute-from-gregorian first)))))
      (dolist (entry (diary-list-entries date 1 t))
        (when (string-suffix-p name (nth 1 entry))
          (princ (format " %02d %s" (nth 1 date) (string-remove-suffix name (nth 1 entry)))))))))
(dolist (name '("Thrice" "Fortnightly" "Tuesday" "Shift" "Twice" "Meeting"))
  (princ name)
  (shown name '(11 30 2026) 32)
  (terpri))
(princ "Tuesday in 2027")
(shown "Tuesday" '(12 1 2027) 31)
EL
seen=$(HOME="$folder" TZ=Europe/Berlin emacs --batch --quick --load show.el 2>/dev/null | sed '/^$/d; s/ *$//; s/  */ /g')
expected="Thrice 30 09:00-10:00 07 09:00-10:00 14 09:00-10:00 21 09:00-10:00
Fortnightly 30 12:00-13:00 02 12:00-13:00 07 12:00-13:00 09 12:00-13:00 14 12:00-13:00 16 12:00-13:00 21 12:00-13:00 23 12:00-13:00 28 12:00-13:00 30 12:00-13:00
Tuesday 08 14:00-15:00
Shift 01
Twice
Meeting 30 11:00-11:30 01 11:00-11:30 01 15:00-15:30
Tuesday in 2027 08 14:00-15:00"
dpkg-query -W -f '${Package} ${Version}\n' 'emacs-nox' 2>/dev/null || true
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
