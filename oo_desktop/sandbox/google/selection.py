"""Select parts of an answer: `fields=items(id,start/date),nextPageToken`.

developers.google.com/calendar/api/guides/performance#partial-response. A name that does not exist
is refused with 400, as Google does; `_NAMES` holds those of the resources the sandbox serves.
"""

import re
from collections.abc import Mapping
from typing import Any

from oo_desktop.sandbox.google.errors import bad_selection

Tree = dict[str, "Tree"]
"""Which fields, and which of each one's; an empty tree means all of it."""

_KNOWN = """
accessCode accessRole additionalGuests addOnParameters allowedConferenceSolutionTypes
anyoneCanAddSelf asyncOperation attachments attendees attendeesOmitted autoAcceptInvitations
autoDeclineMode backgroundColor birthdayProperties buildingId chatStatus code colorId comment
conferenceData conferenceId conferenceProperties conferenceSolution contact created
createRequest creator customLocation customTypeName dataOwner date dateTime declineMessage
defaultReminders deleted description deskId display displayName email end endTimeUnspecified
entryPointFeatures entryPointType entryPoints etag eventLabelId eventType extendedProperties
fileId fileUrl floorId floorSectionId focusTimeProperties foregroundColor gadget
guestsCanInviteOthers guestsCanModify guestsCanSeeOtherGuests hangoutLink height hidden
homeOffice htmlLink iCalUID iconLink iconUri id items key kind label link location locked
meetingCode method mimeType minutes name nextPageToken nextSyncToken notes notificationSettings
notifications officeLocation optional organizer originalStartTime outOfOfficeProperties
overrides parameters passcode password pin preferences primary private privateCopy properties
recurrence recurringEventId regionCode reminders requestId resource responseStatus selected self
sequence shared signature source start status statusCode summary summaryOverride timeZone title
transparency type updated uri url useDefault value visibility width workingLocationProperties
"""
_NAMES = frozenset(_KNOWN.split())
_FREE = frozenset({"private", "shared", "preferences"})
"""Below these any name may be."""

_TOKEN = re.compile(r"[A-Za-z0-9_*.-]+|[(),/]|.", re.DOTALL)


def tree_from_text(text: str) -> Tree:
    """Parse `fields`. Raises GoogleApiError (400) for what is none."""
    tokens = _TOKEN.findall(text.replace(" ", ""))
    tree = _list(tokens, within="")
    if tokens:
        raise bad_selection(text)
    return tree


def _list(tokens: list[str], *, within: str) -> Tree:
    tree: Tree = {}
    while True:
        _one(tokens, tree, within)
        if not tokens or tokens[0] != ",":
            return tree
        tokens.pop(0)


def _one(tokens: list[str], tree: Tree, within: str) -> None:
    name = tokens.pop(0) if tokens else ""
    known = name in _NAMES or name == "*" or (within in _FREE and name.isidentifier())
    if not known:
        raise bad_selection(name)
    below = tree.setdefault(name, {})
    if not tokens:
        return
    if tokens[0] == "/":
        tokens.pop(0)
        _one(tokens, below, name)
    elif tokens[0] == "(":
        tokens.pop(0)
        below.update(_list(tokens, within=name))
        if not tokens or tokens.pop(0) != ")":
            raise bad_selection(name)


def selected(value: Any, tree: Tree) -> Any:
    """Return `value` with only what the tree names."""
    if not tree:
        return value
    if isinstance(value, list):
        return [selected(item, tree) for item in value]
    if not isinstance(value, Mapping):
        return value
    chosen = {}
    for key, inner in value.items():
        below = tree.get(key, tree.get("*"))
        if below is not None:
            chosen[key] = selected(inner, below)
    return chosen
