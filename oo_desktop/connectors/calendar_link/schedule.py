"""Decides how often a calendar is asked for behind its link."""

import random
from datetime import datetime

from oo_desktop.model.source import Snapshot

POLL_SECONDS = 900.0
"""Google told those to slow down who asked more often (facts of 2025-12-16)."""

POLL_JITTER = 0.1
"""Of POLL_SECONDS, up or down: calendars of one server are not asked in one moment."""


def poll_after(snapshot: Snapshot, now: datetime) -> float:  # noqa: ARG001  # as every connector has it
    """Return the seconds until the calendar should be asked for again, if nobody asks before."""
    return POLL_SECONDS * random.uniform(1 - POLL_JITTER, 1 + POLL_JITTER)  # noqa: S311  # no secret is made of it
