"""Listens to a source that tells when to ask, for one account, whatever the source does.

From the first change it tells, the account's schedule asks rarely by itself. A `watch` that ends,
fails or does not let itself be cancelled harms nobody: the account is asked at the usual interval,
and `watch` is called again, less and less often while it goes on failing.
"""

import logging
from random import Random

from oo_desktop.clock import Clock
from oo_desktop.errors import OoError
from oo_desktop.model.faults import fault_report
from oo_desktop.model.signals import AccountKey
from oo_desktop.model.source import TellingSource
from oo_desktop.signals.backoff import Backoff
from oo_desktop.signals.isolation import IsolatedCalls
from oo_desktop.signals.schedule import Schedule

log = logging.getLogger(__name__)

WATCH_AGAIN_SECONDS = (5.0, 900.0)
"""The least and the most between a watch that ended and the next."""

STEADY_SECONDS = 60.0
"""A watch that lasted as long as this worked: its end is the first of a row."""


async def watch_for_ever(
    key: AccountKey,
    source: TellingSource,
    schedule: Schedule,
    *,
    calls: IsolatedCalls,
    clock: Clock,
    random: Random,
) -> None:
    """Have `schedule` know what `source` tells of the account, until cancelled."""
    least, most = WATCH_AGAIN_SECONDS
    backoff = Backoff(base=least, cap=most, random=random)
    is_known = False
    while True:
        began = clock.monotonic()
        failure = await _watch(key, source, schedule, calls)
        # What changed while it ended was perhaps not told.
        schedule.changed()
        if clock.monotonic() - began >= STEADY_SECONDS:
            backoff.reset()
            is_known = False
        if not is_known:
            _log_the_end(key, failure)
            is_known = True
        await clock.sleep(backoff.next())


async def _watch(
    key: AccountKey, source: TellingSource, schedule: Schedule, calls: IsolatedCalls
) -> Exception | None:
    """Watch once; returns what ended it, None where it just returned."""
    listening = True

    def changed() -> None:
        if listening:  # one that was left to itself may go on calling
            schedule.tell(True)
            schedule.changed()

    try:
        await calls.run(key, lambda: source.watch(key.user_id, changed))
    except Exception as error:  # noqa: BLE001  # one connector must not spoil the others
        return error
    finally:
        listening = False
        schedule.tell(False)
    return None


def _log_the_end(key: AccountKey, failure: Exception | None) -> None:
    name = f"{key.provider}/{key.user_id}"
    if failure is None or isinstance(failure, OoError):
        log.info("%s no longer tells of changes, and is asked at the usual interval", name)
    else:
        log.error("the connector of %s failed to watch: %s", name, fault_report(failure))
