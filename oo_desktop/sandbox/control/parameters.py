"""The parameters of an action: from JSON, or from a form, where everything is a text."""

from collections.abc import Mapping
from typing import Any

from oo_desktop.sandbox.faults import API, EVERYWHERE
from oo_desktop.sandbox.google import API as GOOGLE_API
from oo_desktop.sandbox.google import PREFIX as GOOGLE

Given = Mapping[str, Any]
TODOIST = "todoist"
GOOGLE_CALENDAR = "google_calendar"
_APIS = {TODOIST: API, GOOGLE_CALENDAR: GOOGLE_API}
_PREFIXES = {TODOIST: (API, "/oauth/"), GOOGLE_CALENDAR: (f"{GOOGLE}/",)}


class BadParameter(Exception):
    """A parameter an action cannot use; the text says which."""


def number(given: Given, key: str, default: float) -> float:
    """A number. Raises BadParameter."""
    try:
        return float(given.get(key, default))
    except (TypeError, ValueError) as error:
        raise BadParameter(f"{key} must be a number") from error


def count(given: Given, default: int | None) -> int | None:
    """How many times; None: for good."""
    value = given.get("count", default)
    return None if value is None else int(number(given, "count", 0 if default is None else default))


def switch(given: Given, key: str, *, default: bool) -> bool:
    """On or off."""
    return given.get(key, default) in (True, "true", "on", "1", 1)


def service(given: Given) -> str | None:
    """Which service is meant, by its id; None: nobody said. Raises BadParameter."""
    name = given.get("service")
    if name is not None and name not in _APIS:
        raise BadParameter("service must be one of " + ", ".join(_APIS))
    return None if name is None else str(name)


def concerns(given: Given, name: str) -> bool:
    """Is that service meant, by name or because none was named?"""
    return service(given) in (None, name)


def api_path(given: Given) -> str:
    """`path`, or the beginning of the API's paths of the service (Todoist)."""
    return str(given.get("path", _APIS[service(given) or TODOIST]))


def all_paths(given: Given) -> tuple[str, ...]:
    """`path`, or the beginnings of all paths of the service; without one, everything."""
    if "path" in given:
        return (str(given["path"]),)
    name = service(given)
    return _PREFIXES[name] if name else (EVERYWHERE,)
