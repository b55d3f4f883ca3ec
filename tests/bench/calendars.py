"""Measure how long a calendar of 5,000 events keeps the loop waiting: read new, and unchanged.

Fetched from the sandbox in a process of its own. p99 is over every millisecond (see `lateness`).
Run it alone with `python -m tests.bench.calendars`.
"""

import argparse
import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from random import Random

from oo_desktop.clock import SystemClock
from oo_desktop.connectors.calendar_link.source import IcsSource
from oo_desktop.http.client import Http
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.model.signals import UserId
from oo_desktop.model.source import Snapshot
from oo_desktop.sandbox.process import SandboxProcess
from tests.bench.figures import Figure, table
from tests.bench.lateness import Lateness, percentile

EVENTS = 5_000
SHOWN = 2_500
LIMIT = 16.0
"""Milliseconds at the 99th percentile: one picture of a 60 Hz screen."""

_RULES = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYDAY=2TU", "FREQ=YEARLY")


def bench(runs: int) -> Sequence[Figure]:
    """Return medians of `runs` refreshes of each kind."""
    waits = asyncio.run(_measured(runs))
    bare = list(chain(*waits.pop("bare loop")))
    figures = []
    for name, each in waits.items():
        together = list(chain(*each))
        figures += [
            Figure(f"{name}: wait, p99", "ms", [percentile(together, 99)], limit=LIMIT),
            Figure(f"{name}: longest wait of each", "ms", [max(waited) for waited in each]),
        ]
    return [Figure("bare loop: wait, p99", "ms", [percentile(bare, 99)]), *figures]


async def _measured(runs: int) -> dict[str, list[list[float]]]:
    waits: dict[str, list[list[float]]] = {}

    async def during(kind: str, work: Callable[[], Awaitable[object]]) -> None:
        gc.collect()
        async with Lateness() as lateness:
            await work()
        waits.setdefault(kind, []).append(lateness.waits)

    with SandboxProcess(zone="UTC") as sandbox:
        http = Http(clock=SystemClock())
        link = sandbox.url + str(sandbox.control("ics_path")["path"])

        async def secret() -> str:
            return link

        client = LinkClient(http=http, secret=secret)
        source = IcsSource(link=lambda _: client)

        least, known = 0, Snapshot(signals=())

        async def refresh() -> None:
            nonlocal known
            known = await source.fetch_again(UserId("ada"), known)
            assert len(known.signals) >= least, len(known.signals)

        await refresh()  # what is built once, such as the certificates, is nobody's share
        await during("bare loop", lambda: asyncio.sleep(2))
        for name, near in (("5,000 events", 0), ("a window of 2,500", SHOWN)):
            least = near
            for run in range(runs):
                body = calendar(near=near, run=run)
                await asyncio.to_thread(sandbox.control, "set_ics", body=body)
                await during(f"{name}, all changed", refresh)
                await during(f"{name}, unchanged", refresh)
        await http.aclose()
    return waits


def calendar(*, near: int, run: int) -> str:
    """Return 5,000 events, `near` of them today, one in ten of the others recurring."""
    random, now = Random(run), datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN"]
    for number in range(EVENTS):
        days = 0 if number < near else random.randint(-700, 700)
        start = now + timedelta(days=days, hours=random.randint(0, 12) if days else 0)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}@example.com",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}",
            f"DTEND;TZID=Europe/Berlin:{start + timedelta(hours=2):%Y%m%dT%H%M%S}",
            f"SUMMARY:Something that is planned\\, of kind {number} {run}",
            "DESCRIPTION:" + "Words about it\\, at some length. " * 6,
            "LOCATION:Room 5 https://meet.jit.si/Room5",
        ]
        if number >= near and number % 10 == 0:
            lines.append(f"RRULE:{random.choice(_RULES)}")
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "END:VALARM", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    print(table(bench(parser.parse_args().runs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
