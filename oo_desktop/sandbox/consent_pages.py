"""The pages a person sees: static HTML, everything from outside escaped, no script but one file."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oo_desktop.sandbox.todoist.state import Account

_TEMPLATES = Path(__file__).with_name("templates")
SAFETY = {
    # No form-action: a form that leads back to the app is what the consent page is for.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    # no-referrer would make browsers post our own forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_MAY = {
    "data:read": ["See your tasks and projects"],
    "data:read_write": ["See your tasks and projects", "Add, change and complete tasks"],
    "data:delete": ["Delete tasks"],
    "project:delete": ["Delete projects"],
    "task:add": ["Add tasks"],
    "backups:read": ["Read your backups"],
}


def static_routes() -> list[Route]:
    """The style sheet and the one script, under /sandbox so that no fault befalls them."""

    def file(name: str, media_type: str) -> Route:
        async def answer(_request: Request) -> Response:
            return Response((_TEMPLATES / name).read_bytes(), media_type=media_type)

        return Route(f"/sandbox/{name}", answer, methods=["GET"])

    return [file("page.css", "text/css"), file("page.js", "text/javascript")]


def document(title: str, body: str, *, script: bool = False, service: str = "Todoist") -> str:
    """A whole page; `body` is HTML, and `service` the one it is mistaken for."""
    tail = '<script src="/sandbox/page.js" defer></script>' if script else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="stylesheet" href="/sandbox/page.css">
<link rel="icon" href="data:,">
{tail}
</head>
<body>
<div class="tape">Sandbox — not the real {escape(service)}</div>
{body}
</body>
</html>
"""


def consent(
    *,
    app: str,
    scope: frozenset[str],
    returns_to: str,
    accounts: Sequence[Account],
    ticket: str,
) -> str:
    """The page that asks whether `app` may have what it wants."""
    lines = dict.fromkeys(line for one in sorted(scope) for line in _MAY.get(one, [one]))
    may = "".join(f"<li>{escape(line)}</li>" for line in lines)
    body = f"""<main class="consent"><div class="card">
<div class="marks" aria-hidden="true"><span class="mark">{escape(_initials(app))}</span>
<span class="dots">•••</span><span class="mark list">✓</span></div>
<h1>{escape(app)} would like to connect to your tasks</h1>
<form method="post" action="/oauth/authorize">
<input type="hidden" name="ticket" value="{escape(ticket)}">
<ul class="may">{may}</ul>
{_who(accounts)}
<div class="choice">
<button type="submit" name="decision" value="deny" id="deny">Deny</button>
<button type="submit" name="decision" value="allow" id="allow" class="primary">Allow</button>
</div>
</form>
<p class="after soft small">Either way, you return to {escape(returns_to)}.</p>
</div></main>"""
    return document("Connect an app — Sandbox", body)


def _initials(app: str) -> str:
    """What stands for an app without an icon: its first word where that is short."""
    word = (app.split() or ["?"])[0]
    return word if len(word) <= 2 else word[0].upper()


def _who(accounts: Sequence[Account]) -> str:
    if len(accounts) == 1:
        only = accounts[0]
        hidden = f'<input type="hidden" name="account" value="{escape(only.id)}">'
        return f'{hidden}<div class="who">{_face(only)}</div>'
    return "".join(
        f'<label class="who"><input type="radio" name="account" value="{escape(account.id)}" '
        f'data-email="{escape(account.email)}"{" checked" if number == 0 else ""}>'
        f"{_face(account)}</label>"
        for number, account in enumerate(accounts)
    )


def _face(account: Account) -> str:
    return (
        f'<span class="face" aria-hidden="true">{escape(account.full_name[:1])}</span>'
        f"<span><b>{escape(account.full_name)}</b>"
        f'<span class="soft small">{escape(account.email)}</span></span>'
    )


def over() -> str:
    """The page for a question that was answered before, or never asked."""
    body = """<main class="consent"><div class="card">
<h1>This question has been answered</h1>
<p class="after soft">Go back to the app and start again from there.</p>
</div></main>"""
    return document("Nothing to answer — Sandbox", body)
