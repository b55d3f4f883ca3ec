"""`calendarList.list`: the calendars in somebody's list.

developers.google.com/calendar/api/v3/reference/calendarList/list.
"""

from typing import Any

from starlette.datastructures import QueryParams

from oo_desktop.sandbox.google import tokens
from oo_desktop.sandbox.google.errors import bad_request, invalid, sync_token_over
from oo_desktop.sandbox.google.listing import count, position, switch
from oo_desktop.sandbox.google.model import ROLES, Entry, GoogleState, Person
from oo_desktop.sandbox.google.view import entry_as_json, etag

DEFAULT = 100
MOST = 250
_NOT_WITH_SYNC = frozenset({"minAccessRole", "showOwnOrganizationOnly"})


def entries_page(
    query: QueryParams, person: Person, state: GoogleState, *, most: int, empty_first: bool
) -> dict[str, Any]:
    """One page of a list. Raises GoogleError."""
    asked = query.multi_items()
    page_seal = tokens.seal(asked, without=frozenset({"pageToken"}), of=person.email)
    since = _since(query, person, state)
    entries = [entry for entry in person.entries.values() if _shown(entry, query, since)]
    place = position(query, page_seal)
    start, first_empty = place or 0, empty_first and place is None
    size = 0 if first_empty else min(count(query, "maxResults", DEFAULT), MOST, most)
    items = [entry_as_json(entry) for entry in entries[start : start + size]]
    answer: dict[str, Any] = {"kind": "calendar#calendarList", "items": items}
    answer["etag"] = etag(answer)
    if first_empty or start + size < len(entries):
        answer["nextPageToken"] = tokens.token(start + size, page_seal)
    else:
        answer["nextSyncToken"] = tokens.token(state.revision, _sync_seal(query, person))
    return answer


def _shown(entry: Entry, query: QueryParams, since: int | None) -> bool:
    if since is not None:
        return entry.revision > since
    role = query.get("minAccessRole")
    if role is not None and role not in ROLES:
        raise invalid("minAccessRole")
    return (
        (role is None or entry.allows(role))
        and (not entry.hidden or switch(query, "showHidden"))
        and (not entry.deleted or switch(query, "showDeleted"))
    )


def _sync_seal(query: QueryParams, person: Person) -> str:
    dropped = frozenset({"pageToken", "syncToken", "maxResults", "showHidden", "showDeleted"})
    return tokens.seal(query.multi_items(), without=dropped, of=f"list {person.email}")


def _since(query: QueryParams, person: Person, state: GoogleState) -> int | None:
    text = query.get("syncToken")
    if text is None:
        return None
    if _NOT_WITH_SYNC & query.keys():
        raise bad_request("Sync token cannot be used with the given parameters.", "syncToken")
    try:
        since = tokens.number_in(text, _sync_seal(query, person))
    except ValueError as error:
        raise bad_request("Invalid sync token value.", "syncToken") from error
    if since < state.oldest_sync:
        raise sync_token_over()
    return since
