"""Holds what a person may prefer of oO's screen and notifications, as values.

They are sections of config.toml (`config.py` reads them) and of the settings window alike.
"""

import re
from datetime import time
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day on the clock of this computer, `22:30`."""

_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class Language(StrEnum):
    """Names the language that oO speaks: those of `language.py`."""

    AUTO = "auto"
    """That of the session."""
    ENGLISH = "en"
    GERMAN = "de"
    SPANISH = "es"
    FRENCH = "fr"
    ARABIC = "ar"


class Show(Struct, frozen=True, kw_only=True):
    """Says which events are listed.

    all_day: those of whole days. tentative: those that are not certain, and those one may go to.
    unanswered: invitations without an answer.
    """

    all_day: bool = True
    tentative: bool = True
    unanswered: bool = True


class Notifications(Struct, frozen=True, kw_only=True):
    """Says what may interrupt.

    events, tasks: whether to remind of them.
    clicks: whether to tell what became of a click on something in the menu.
    in_meetings: whether to interrupt while a meeting runs.
    quiet_from, quiet_until: between these, nothing does; equal: never quiet. The second may be
        earlier: then it is on the next day.
    """

    events: bool = True
    tasks: bool = True
    clicks: bool = True
    in_meetings: bool = True
    quiet_from: ClockTime = "00:00"
    quiet_until: ClockTime = "00:00"


class QuickAdd(Struct, frozen=True, kw_only=True):
    """Says where a new task goes.

    account: a provider's id, or `provider:user_id`; empty: the first that takes tasks.
    list: the id of a list there; empty: the service's own choice, such as the inbox.
    """

    account: str = ""
    list: str = ""


def time_of_day(text: str) -> time:
    """Return what a `ClockTime` says. Raises ValueError."""
    match = _CLOCK_TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a time of day")
    return time(int(match[1]), int(match[2]))
