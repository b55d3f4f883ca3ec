"""Signs in to Google, as a desktop app with a client its user made in the Cloud console.

developers.google.com/identity/protocols/oauth2/native-app, and where its pages are silent what
others have seen of it:

- The secret is “optional”, and without it the token endpoint answers `invalid_request`. So it is
  always sent, and a refusal of the client is a matter of configuration, never of signing in again.
- A refresh token comes with the first consent only, unless `prompt=consent` asks for another. Each
  one asked for counts towards the hundred an account may have of a client, so it is asked for when
  a person connects or reconnects, and at no other time. A refresh brings none: the old one stays.
- `include_granted_scopes` is not for desktop apps: a wider scope is a new consent, to all of it.
- Everything of a client whose consent screen is in “Testing” ends seven days after the consent.
- Revoking ends all that the person gave the client's project, on other computers too. So a
  disconnect revokes, and says so; a reconnect never does.

Scopes. `calendar.readonly` alone would be one consent without boxes to tick, but it opens more than
oO reads: settings, sharing, free/busy. Asked for are the two narrow ones that cover each request,
the list of calendars and their events, both to be read; where the user wants to answer invitations,
events may be changed in place of being read. The price of asking for two is that a person may leave
one out. Without the list, what remains is the main calendar, and that works. Without the events
nothing does, and the sign-in ends with a sentence that says so.
"""

from datetime import timedelta

from oo_desktop.connectors.base import GrantRules, IdentityOfClient, OAuthSignIn
from oo_desktop.connectors.google_calendar.own_client import own_client
from oo_desktop.connectors.google_calendar.settings import GoogleCalendarSettings
from oo_desktop.language import translated, untranslated
from oo_desktop.oauth.messages import OAuthService, TokenAnswer, issuers

ISSUER = "https://accounts.google.com"
PERMISSIONS = "https://myaccount.google.com/permissions"

_SCOPE = "https://www.googleapis.com/auth/calendar"
SEE_LIST = f"{_SCOPE}.calendarlist.readonly"
SEE_EVENTS = f"{_SCOPE}.events.readonly"
CHANGE_EVENTS = f"{_SCOPE}.events"

# What opens a request besides what is asked for (the API's machine-readable description). A scope
# that was granted earlier, or to the same project elsewhere, may come back with the others.
_OPENS_LIST = {SEE_LIST, f"{_SCOPE}.calendarlist", f"{_SCOPE}.readonly", _SCOPE}
_OPENS_EVENTS = {SEE_EVENTS, CHANGE_EVENTS, f"{_SCOPE}.readonly", _SCOPE}
_CHANGES_EVENTS = {CHANGE_EVENTS, _SCOPE}

TESTING_ENDS = (timedelta(days=6.5), timedelta(days=8))
"""How old a sign-in is when it ends because the consent screen is in “Testing”: seven days, and the
time until oO next needed the token."""

NO_EVENTS = untranslated(
    "Google did not let oO see your events, so nothing was connected. Connect again and leave both "
    "boxes ticked."
)
NOT_LASTING = untranslated(
    "Google gave oO access for an hour only. Remove oO’s access at {page}, then connect again."
)
NO_LIST = untranslated(
    "Google shows oO your main calendar only. To see the others, reconnect and leave both boxes "
    "ticked."
)
TESTING = untranslated(
    "Google ends sign-ins in “Testing” after 7 days. Publish your client’s consent screen and "
    "reconnect."
)


class GoogleRules(GrantRules):
    """Judges what a consent at Google is worth."""

    def scope(self, service: OAuthService, *, write: bool) -> str:
        return f"{SEE_LIST} {CHANGE_EVENTS}" if write else service.scope

    def refusal(self, answer: TokenAnswer, scopes: frozenset[str]) -> str | None:
        if not scopes & _OPENS_EVENTS:
            return translated(NO_EVENTS)
        if answer.refresh_token is None:
            return translated(NOT_LASTING, page=PERMISSIONS)
        return None

    def lack(self, scopes: frozenset[str]) -> str | None:
        return None if scopes & _OPENS_LIST else translated(NO_LIST)

    def may_write(self, scopes: frozenset[str]) -> bool:
        return bool(scopes & _CHANGES_EVENTS)

    def ended(self, age: timedelta) -> str | None:
        earliest, latest = TESTING_ENDS
        return translated(TESTING) if earliest <= age <= latest else None


def google_sign_in(settings: GoogleCalendarSettings, *, identity: IdentityOfClient) -> OAuthSignIn:
    """Return how to sign in to Google, or to the stand-in that `settings` point to."""
    return OAuthSignIn(
        service=OAuthService(
            name="Google",
            authorize_url=settings.authorize_url,
            token_url=settings.token_url,
            revocation_url=settings.revoke_url,
            scope=f"{SEE_LIST} {SEE_EVENTS}",
            issuers=issuers(
                ISSUER,
                authorize_url=settings.authorize_url,
                own_page=GoogleCalendarSettings().authorize_url,
            ),
            extras=(("access_type", "offline"), ("prompt", "consent")),
            hints=True,
            own_client=own_client(settings.client_id, settings.client_secret),
        ),
        api_url=settings.api_url,
        callback_ports=(0,),
        # The name would do as well, but gets into trouble with firewalls.
        callback_host="127.0.0.1",
        identity=identity,
        revoke_url=PERMISSIONS,
        rotates=False,
        rules=GoogleRules(),
    )
