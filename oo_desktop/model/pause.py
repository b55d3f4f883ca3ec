"""Works out until when a person has paused notifications. Pure."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import assert_never
from zoneinfo import ZoneInfo

MORNING = time(8)
"""When a pause "until tomorrow" ends, on the clock of this computer."""

MAX_PAUSE = timedelta(hours=48)
"""No pause is longer. One that seems to be began on a clock that was wrong, and is over."""


class PauseUntil(StrEnum):
    """Names how long a person may pause notifications."""

    HALF_HOUR = "30m"
    HOUR = "1h"
    TOMORROW = "tomorrow"
    """Until the morning of the next day."""


def pause_end(until: PauseUntil, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which a pause ends that begins at `now` (aware) in `zone`."""
    match until:
        case PauseUntil.HALF_HOUR:
            return now.astimezone(UTC) + timedelta(minutes=30)
        case PauseUntil.HOUR:
            return now.astimezone(UTC) + timedelta(hours=1)
        case PauseUntil.TOMORROW:
            tomorrow = now.astimezone(zone).date() + timedelta(days=1)
            return datetime.combine(tomorrow, MORNING, zone).astimezone(UTC)
        case _:
            assert_never(until)


def running_pause(until: datetime | None, now: datetime) -> datetime | None:
    """Return when the pause ends that was to last `until`; None where none runs at `now`."""
    return until if until is not None and timedelta(0) < until - now <= MAX_PAUSE else None
