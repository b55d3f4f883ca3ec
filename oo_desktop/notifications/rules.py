"""Decides what may interrupt, and when. Pure: a table, and the ends of what holds notices back.

| Notice | quiet hours | in a meeting | paused | do not disturb | locked screen |
|---|---|---|---|---|---|
| an answer to what was just asked | now | now | now | now | now |
| what became of a click, with Undo | now | now | now | never | never |
| a reminder of an event | digest | digest | digest | digest | digest |
| a reminder of a task | digest | digest | digest | digest | digest |
| a click was refused | digest | digest | digest | digest | digest |
| an account needs a reconnect | digest | digest | digest | digest | digest |
| what waited for long was sent | never | never | never | never | never |

Where several are true, the strictest counts: never, then digest, then now.

Why it is so:

- Whoever has just asked looks at the screen; an answer that comes after the pause answers nothing.
  With Undo it is worth its eight seconds and no more: under do-not-disturb a daemon would keep it
  and show it later, and before a locked screen nobody sits. The menu offers Undo for longer.
- What is held back is no reminder once its event is over, its task done, its click tried again or
  its account mended: the digest is made when the hold ends, of what still matters then.
- That what waited has been sent is good news, and none an hour later.
- In a meeting: only where its owner does not want to be interrupted there
  (`Notifications.in_meetings`). One is in a meeting that runs, has a time, and is certain. A
  meeting is no reason to hold back its own reminder.
- Do not disturb: most daemons keep what comes then, and show all of it at the end, old as it is
  (dunst, mako), or put it on a list nobody reads (Plasma, Xfce, swaync). Where the desktop says
  that it is on, oO waits for its end itself; where it does not say, nothing is assumed.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oo_desktop.model.preferences import Notifications, time_of_day


class Notice(StrEnum):
    """Names the kinds of what oO has to say."""

    ANSWER = "answer"
    CLICKED = "clicked"
    EVENT = "event"
    TASK = "task"
    REJECTED = "rejected"
    RECONNECT = "reconnect"
    SENT = "sent"


class Verdict(StrEnum):
    """Says when a notice is shown."""

    NOW = "now"
    DIGEST = "digest"
    """When what holds it back is over, together with all else that was held back."""
    NEVER = "never"


class Situation(NamedTuple):
    """Says what may hold notices back. Each field is a column of the table."""

    quiet: bool = False
    meeting: bool = False
    paused: bool = False
    do_not_disturb: bool = False
    locked: bool = False


_NOW, _DIGEST, _NEVER = Verdict.NOW, Verdict.DIGEST, Verdict.NEVER

_STRICTNESS = (_NOW, _DIGEST, _NEVER)

_TABLE: dict[Notice, tuple[Verdict, Verdict, Verdict, Verdict, Verdict]] = {
    Notice.ANSWER: (_NOW, _NOW, _NOW, _NOW, _NOW),
    Notice.CLICKED: (_NOW, _NOW, _NOW, _NEVER, _NEVER),
    Notice.EVENT: (_DIGEST, _DIGEST, _DIGEST, _DIGEST, _DIGEST),
    Notice.TASK: (_DIGEST, _DIGEST, _DIGEST, _DIGEST, _DIGEST),
    Notice.REJECTED: (_DIGEST, _DIGEST, _DIGEST, _DIGEST, _DIGEST),
    Notice.RECONNECT: (_DIGEST, _DIGEST, _DIGEST, _DIGEST, _DIGEST),
    Notice.SENT: (_NEVER, _NEVER, _NEVER, _NEVER, _NEVER),
}


def verdict_on(notice: Notice, situation: Situation) -> Verdict:
    """Return when `notice` is shown in `situation`: the strictest of the cells that apply."""
    cells = [cell for cell, applies in zip(_TABLE[notice], situation, strict=True) if applies]
    return max(cells, key=_STRICTNESS.index, default=Verdict.NOW)


def quiet_until(preferences: Notifications, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the quiet hours end that run at `now` (aware); None where none do.

    They go by the clock in `zone`. One that the clocks skip is the moment at which they are set.
    """
    begins, ends = time_of_day(preferences.quiet_from), time_of_day(preferences.quiet_until)
    if begins == ends:
        return None
    today = now.astimezone(zone).date()
    for first in (today - timedelta(days=1), today):
        last = first if begins < ends else first + timedelta(days=1)
        start = datetime.combine(first, begins, zone).astimezone(UTC)
        end = datetime.combine(last, ends, zone).astimezone(UTC)
        if start <= now < end:
            return end
    return None
