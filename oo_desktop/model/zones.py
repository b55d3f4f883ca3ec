"""Finds time zones by name, tells the machine's own, and when a day begins in one.

Commands tell times without a zone of their own, so `zoneinfo` is imported where one is asked for:
it reads how Python was built, which takes 5 ms.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def zone_named(name: str | None) -> ZoneInfo | None:
    """Return the IANA zone of that name, or None where this machine knows none."""
    if not name:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found; not a name; a folder of zones
        return None


def machine_zone() -> ZoneInfo:
    """Return the zone this machine's clock shows, read anew: it changes when people travel.

    Where it cannot be told by name (the standard library has no call for that), its offsets are
    still right: they are read from the file the C library reads.
    """
    named = zone_named(os.environ.get("TZ", "").lstrip(":"))
    if named is not None:
        return named
    from pathlib import Path

    clock = Path("/etc/localtime")
    path = clock.resolve()
    for folder in path.parents:
        if folder.name == "zoneinfo" and (zone := zone_named(str(path.relative_to(folder)))):
            return zone
    try:
        return zone_in(clock)
    except (OSError, ValueError):
        from zoneinfo import ZoneInfo

        return ZoneInfo("UTC")


def zone_in(file: Path) -> ZoneInfo:
    """Return the zone in a file of the zone database. Raises OSError, ValueError.

    It is the very same one until the file is changed, for much is worked out once for each zone.
    """
    status = file.stat()
    return _zone_in(file, (status.st_dev, status.st_ino, status.st_mtime_ns))


@lru_cache(maxsize=1)
def _zone_in(file: Path, _version: object) -> ZoneInfo:
    from zoneinfo import ZoneInfo

    with file.open("rb") as opened:
        return ZoneInfo.from_file(opened, key=None)


def today_in(zone: tzinfo, now: datetime) -> date:
    """Return the day it is in `zone` at `now` (aware)."""
    return now.astimezone(zone).date()


def next_midnight(after: datetime, zone: ZoneInfo | None) -> datetime:
    """Return the instant (UTC) at which the next day begins in `zone`; None: the machine's.

    Where the clocks skip midnight (Beirut, Havana) the day begins at one o'clock; `fold=0` reads
    the missing hour with the offset before the change, which is that very instant.
    """
    tomorrow = after.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), zone)
    return midnight.astimezone(UTC)  # a naive time is read as the machine's own
