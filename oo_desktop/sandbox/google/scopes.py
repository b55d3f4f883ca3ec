"""Name what apps may ask for: the Calendar API's scopes and those of sign-in.

Words and which call takes which scope are from the API's machine-readable description.
"""

_SCOPE_PREFIX = "https://www.googleapis.com/auth/"
SIGN_IN_SCOPES = {
    "openid": "openid",
    "email": f"{_SCOPE_PREFIX}userinfo.email",
    "profile": f"{_SCOPE_PREFIX}userinfo.profile",
}
"""What may be asked for, and what Google calls it in its answer."""

CALENDAR_SCOPES = {
    f"{_SCOPE_PREFIX}{name}": words
    for name, words in {
        "calendar": (
            "See, edit, share, and permanently delete all the calendars you can access "
            "using Google Calendar"
        ),
        "calendar.acls": "See and change the sharing permissions of Google calendars you own",
        "calendar.acls.readonly": "See the sharing permissions of Google calendars you own",
        "calendar.app.created": (
            "Make secondary Google calendars, and see, create, change, and delete events on them"
        ),
        "calendar.calendarlist": "See, add, and remove Google calendars you’re subscribed to",
        "calendar.calendarlist.readonly": ("See the list of Google calendars you’re subscribed to"),
        "calendar.calendars": (
            "See and change the properties of Google calendars you have access to, and create "
            "secondary calendars"
        ),
        "calendar.calendars.readonly": (
            "See the title, description, default time zone, and other properties of Google "
            "calendars you have access to"
        ),
        "calendar.events": "View and edit events on all your calendars",
        "calendar.events.freebusy": ("See the availability on Google calendars you have access to"),
        "calendar.events.owned": (
            "See, create, change, and delete events on Google calendars you own"
        ),
        "calendar.events.owned.readonly": "See the events on Google calendars you own",
        "calendar.events.public.readonly": "See the events on public calendars",
        "calendar.events.readonly": "View events on all your calendars",
        "calendar.freebusy": "View your availability in your calendars",
        "calendar.readonly": (
            "See and download any calendar you can access using your Google Calendar"
        ),
        "calendar.settings": "View and edit your Calendar settings",
        "calendar.settings.readonly": "View your Calendar settings",
    }.items()
}


def _these(*names: str) -> frozenset[str]:
    return frozenset(_SCOPE_PREFIX + name for name in names)


SEE_LIST = _these(
    "calendar", "calendar.calendarlist", "calendar.calendarlist.readonly", "calendar.readonly"
)
SEE_ENTRY = SEE_LIST | _these("calendar.app.created")
CHANGE_EVENTS = _these(
    "calendar", "calendar.app.created", "calendar.events", "calendar.events.owned"
)
SEE_EVENTS = CHANGE_EVENTS | _these(
    "calendar.events.freebusy",
    "calendar.events.owned.readonly",
    "calendar.events.public.readonly",
    "calendar.events.readonly",
    "calendar.readonly",
)


def scopes_from_text(text: str) -> tuple[str, ...]:
    """Read scopes separated by spaces, each once, as Google names them. Raises ValueError."""
    given = [SIGN_IN_SCOPES.get(scope, scope) for scope in text.split()]
    if {SIGN_IN_SCOPES["email"], SIGN_IN_SCOPES["profile"]} & set(given):
        given.append("openid")
    unknown = [scope for scope in given if scope not in CALENDAR_SCOPES and not is_sign_in(scope)]
    if unknown or not given:
        raise ValueError(" ".join(unknown))
    return tuple(dict.fromkeys(given))


def is_sign_in(scope: str) -> bool:
    """Return whether this only says who somebody is."""
    return scope in SIGN_IN_SCOPES.values()


def granular(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Return those that can be left unticked: all but sign-in's, unless there is just one."""
    others = tuple(scope for scope in scopes if not is_sign_in(scope))
    return others if others and len(scopes) > 1 else ()
