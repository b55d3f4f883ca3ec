"""The pages Google shows in the browser: who one is, what an app wants, and what is wrong."""

from collections.abc import Sequence
from html import escape

from oo_desktop.sandbox.consent_pages import document
from oo_desktop.sandbox.google.model import Person
from oo_desktop.sandbox.google.scopes import SIGN_IN, WORDS, granular

_SERVICE = "Google"
_SIGN_IN_WORDS = {
    "openid": "Know who you are on Google",
    SIGN_IN["email"]: "See your primary Google Account email address",
    SIGN_IN["profile"]: "See your personal info, including any you’ve made public",
}
BLOCKED = {
    "access_denied": "The app is being tested, and can only be used by its approved testers.",
    "admin_policy_enforced": "Your administrator has not approved this app.",
    "deleted_client": "The OAuth client was deleted.",
    "disallowed_useragent": "This browser does not comply with Google’s policies.",
    "invalid_client": "The OAuth client was not found.",
    "invalid_request": "You can’t sign in because this app sent an invalid request.",
    "invalid_scope": "Some requested scopes were invalid.",
    "org_internal": "This app is restricted to users within its organization.",
    "redirect_uri_mismatch": "You can’t sign in because this app sent an invalid request.",
    "unsupported_response_type": "Invalid response_type.",
}


def consent(
    *,
    app: str,
    verified: bool,
    scopes: tuple[str, ...],
    people: Sequence[Person],
    hint: str,
    returns_to: str,
    ticket: str,
    action: str,
) -> str:
    """Asks who one is and what the app may have. `hint`: the address to begin with."""
    warning = (
        ""
        if verified
        else '<p class="warning">Google hasn’t verified this app. Only go on if you know and '
        "trust its developer.</p>"
    )
    body = f"""<main class="consent"><div class="card">
<h1>{escape(app)} wants access to your Google Account</h1>
{warning}
<form method="post" action="{escape(action)}">
<input type="hidden" name="ticket" value="{escape(ticket)}">
{_who(people, hint)}
<ul class="may">{"".join(_lines(scopes))}</ul>
<div class="choice">
<button type="submit" name="decision" value="deny" id="deny">Cancel</button>
<button type="submit" name="decision" value="allow" id="allow" class="primary">Continue</button>
</div>
</form>
<p class="after soft small">Either way, you return to {escape(returns_to)}.</p>
</div></main>"""
    return document("Sign in – Google Accounts — Sandbox", body, service=_SERVICE)


def _lines(scopes: tuple[str, ...]) -> list[str]:
    loose = granular(scopes)
    lines = []
    for scope in scopes:
        words = escape(WORDS.get(scope) or _SIGN_IN_WORDS[scope])
        if scope in loose:
            box = f'<input type="checkbox" name="scope" value="{escape(scope)}" checked>'
            words = f"<label>{box} {words}</label>"
        lines.append(f"<li>{words}</li>")
    return lines


def _who(people: Sequence[Person], hint: str) -> str:
    first = next((person for person in people if person.email == hint), people[0])
    return "".join(
        f'<label class="who"><input type="radio" name="account" value="{escape(person.id)}" '
        f'data-email="{escape(person.email)}"{" checked" if person is first else ""}>'
        f'<span class="face" aria-hidden="true">{escape(person.name[:1])}</span>'
        f"<span><b>{escape(person.name)}</b>"
        f'<span class="soft small">{escape(person.email)}</span></span></label>'
        for person in people
    )


def trouble(error: str, detail: str = "") -> str:
    """What Google says on its own page, and the app never hears of."""
    more = f'<p class="soft small">{escape(detail)}</p>' if detail else ""
    body = f"""<main class="consent"><div class="card">
<h1>Access blocked</h1>
<p>{escape(BLOCKED.get(error, "Something went wrong."))}</p>{more}
<p class="after soft small">Error: {escape(error)}</p>
</div></main>"""
    return document("Error – Google Accounts — Sandbox", body, service=_SERVICE)


def over() -> str:
    """The page for a question that was answered before, or never asked."""
    body = """<main class="consent"><div class="card">
<h1>This page has expired</h1>
<p class="after soft">Go back to the app and start again from there.</p>
</div></main>"""
    return document("Error – Google Accounts — Sandbox", body, service=_SERVICE)
