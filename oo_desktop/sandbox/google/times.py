"""Read and write Google's times: RFC 3339 with an offset for instants, `date` for whole days."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EventTime = date | datetime
"""A whole day (a plain date), or an instant (an aware datetime)."""

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_PLAIN_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def instant_from_text(text: str) -> datetime:
    """Read RFC 3339; the offset is mandatory, fractions are ignored. Raises ValueError."""
    if not _RFC3339.fullmatch(text):
        raise ValueError("RFC 3339 with an offset is expected")
    try:
        return datetime.fromisoformat(text).replace(microsecond=0).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error


def zone_from_name(name: str) -> ZoneInfo:
    """Return an IANA zone. Raises ValueError for anything else."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("unknown zone") from error


def moment_from_json(given: object, default: ZoneInfo) -> tuple[EventTime, str | None]:
    """Read a `start` or `end`: the time, and its own zone if it has one. Raises ValueError."""
    if not isinstance(given, Mapping):
        raise ValueError("an object is expected")
    name, day, at = given.get("timeZone"), given.get("date"), given.get("dateTime")
    if isinstance(day, str) and _PLAIN_DATE.fullmatch(day):
        return date.fromisoformat(day), None
    if not isinstance(at, str):
        raise ValueError("date or dateTime is expected")
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone_from_name(name) if name else default)
    return moment.astimezone(UTC), name


def moment_as_json(moment: EventTime, *, shown_in: ZoneInfo, zone: str | None) -> dict[str, Any]:
    """Write a time: instants with the offset of `shown_in`, beside their own `zone`."""
    if not isinstance(moment, datetime):
        return {"date": moment.isoformat()}
    local = moment.astimezone(shown_in).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"dateTime": local, "timeZone": zone or shown_in.key}


def instant_of(moment: EventTime, zone: ZoneInfo) -> datetime:
    """Return the instant of a time; a day begins at midnight in `zone`."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), zone).astimezone(UTC)


def google_timestamp(moment: datetime) -> str:
    """Write an instant as `created` and `updated` are: UTC, milliseconds."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    )


def compact(moment: EventTime) -> str:
    """Write a time as in an instance's id: `20261122T090000Z`, or `20261122`."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return moment.strftime("%Y%m%d")
