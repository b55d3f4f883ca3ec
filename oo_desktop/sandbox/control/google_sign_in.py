"""What can be done to the stand-in Google's sign-in from outside."""

from datetime import timedelta

from oo_desktop.sandbox.control.parameters import BadParameter, Given, number, switch
from oo_desktop.sandbox.google import ISSUER
from oo_desktop.sandbox.google.client import CLIENT_ID, CLIENT_SECRET
from oo_desktop.sandbox.google.consent import BLOCKED
from oo_desktop.sandbox.google.model import Person
from oo_desktop.sandbox.world import World

_SWITCHES = ("testing", "verified", "deleted", "api_enabled")


def person_of(world: World, given: Given) -> Person:
    """Whose `email` is given; the first person's, if none is. Raises BadParameter."""
    people = world.google.state
    email = given.get("email")
    person = next(iter(people.people.values())) if email is None else people.person(str(email))
    if person is None:
        raise BadParameter("email is nobody's")
    return person


def revoke_google(world: World, given: Given) -> int:
    """End what apps were given, by everybody or by `email`; `tokens` all, access or refresh."""
    grants = world.google.grants
    if given.get("tokens") == "access":
        return grants.expire_access()
    return grants.revoke(person_of(world, given).id if "email" in given else None)


def google_client(world: World, given: Given) -> object:
    """A desktop client of the Cloud console, made or changed: `client_id`, `secret`, `name`.

    `testing`: its consents end after 7 days. `verified` false: the person is warned. `deleted`,
    `api_enabled` false: as in the console. Answers with all of it.
    """
    google = world.google
    id_ = str(given.get("client_id", CLIENT_ID))
    client = google.grants.clients.get(id_)
    if client is None:
        client = google.add_client(id_, str(given.get("secret", CLIENT_SECRET)))
    client.secret = str(given.get("secret", client.secret))
    client.name = str(given.get("name", client.name))
    for name in _SWITCHES:
        setattr(client, name, switch(given, name, default=getattr(client, name)))
    return {
        "client_id": client.id,
        "client_secret": client.secret,
        "name": client.name,
        **{name: getattr(client, name) for name in _SWITCHES},
    }


def google_iss(world: World, given: Given) -> object:
    """What `iss` says on the callback; `value` null: it is left out. Without a value: Google."""
    value = given.get("value", ISSUER)
    world.google.send_iss = None if value is None else str(value)
    return {}


def google_rotate(world: World, given: Given) -> object:
    """Let every refresh bring a new refresh token and end the old one; `on` false: no more."""
    world.google.grants.rotates = switch(given, "on", default=True)
    return {}


def google_block(world: World, given: Given) -> object:
    """Answer sign-ins with `error` on Google's own page, never redirecting; empty: no more."""
    error = str(given.get("error", "admin_policy_enforced"))
    if error and error not in BLOCKED:
        raise BadParameter("error must be one of " + ", ".join(sorted(BLOCKED)))
    world.google.blocked = error
    return {}


def google_time_limit(world: World, given: Given) -> object:
    """Let new consents end after `seconds` by the person's wish (“time-based access”); 0: never."""
    seconds = number(given, "seconds", 86_400)
    world.google.grants.time_limit = timedelta(seconds=seconds) if seconds > 0 else None
    return {}


def age_grants(world: World, given: Given) -> object:
    """Let consents, and their last use, lie `days` (7) further back, and the clock stay."""
    world.google.grants.age(timedelta(days=number(given, "days", 7)))
    return {}


OAUTH_ACTIONS = (
    age_grants,
    google_block,
    google_client,
    google_iss,
    google_rotate,
    google_time_limit,
)
