"""Build the pages a person sees: static HTML, everything from outside escaped, one script file."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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


@dataclass(frozen=True, kw_only=True)
class Consenter:
    """Holds somebody who can answer a consent page."""

    id: str
    email: str
    name: str


def static_routes() -> list[Route]:
    """Return the style sheet and the one script, under /sandbox so that no fault befalls them."""

    def file(name: str, media_type: str) -> Route:
        async def answer(_request: Request) -> Response:
            return Response((_TEMPLATES / name).read_bytes(), media_type=media_type)

        return Route(f"/sandbox/{name}", answer, methods=["GET"])

    return [file("page.css", "text/css"), file("page.js", "text/javascript")]


def document(title: str, body: str, *, service: str, script: bool = False) -> str:
    """Return a whole page; `body` is HTML, and `service` the one it is mistaken for."""
    tail = '<script src="/sandbox/page.js" defer></script>' if script else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} — Sandbox</title>
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


def notice(title: str, heading: str, *texts: str, after: str, service: str) -> str:
    """Return a page that only says something; `after` below everything else."""
    lines = "".join(f"<p>{escape(text)}</p>" for text in texts if text)
    body = f"""<main class="consent"><div class="card">
<h1>{escape(heading)}</h1>{lines}
<p class="after soft small">{escape(after)}</p>
</div></main>"""
    return document(title, body, service=service)


def consent(
    *,
    title: str,
    heading: str,
    app: str,
    warning: str = "",
    action: str,
    ticket: str,
    people: Sequence[Consenter],
    first: str = "",
    may: Sequence[str],
    choices: tuple[str, str],
    returns_to: str,
    service: str,
) -> str:
    """Return the page that asks whether `app` may have what it wants.

    action: where the form goes. first: the address of whom to begin with. may: HTML, a line each.
    choices: the words for no and for yes. returns_to: the app's own address.
    """
    no, yes = choices
    note = f'<p class="warning">{escape(warning)}</p>' if warning else ""
    body = f"""<main class="consent"><div class="card">
<div class="marks" aria-hidden="true"><span class="mark">{escape(_initials(app))}</span>
<span class="dots">•••</span><span class="mark list">✓</span></div>
<h1>{escape(heading)}</h1>
{note}<form method="post" action="{escape(action)}">
<input type="hidden" name="ticket" value="{escape(ticket)}">
<ul class="may">{"".join(f"<li>{line}</li>" for line in may)}</ul>
{_who(people, first)}
<div class="choice">
<button type="submit" name="decision" value="deny" id="deny">{no}</button>
<button type="submit" name="decision" value="allow" id="allow" class="primary">{yes}</button>
</div>
</form>
<p class="after soft small">Either way, you return to {escape(returns_to)}.</p>
</div></main>"""
    return document(title, body, service=service)


def _initials(app: str) -> str:
    """What stands for an app without an icon: its first word where that is short."""
    word = (app.split() or ["?"])[0]
    return word if len(word) <= 2 else word[0].upper()


def _who(people: Sequence[Consenter], first: str) -> str:
    if len(people) == 1:
        only = people[0]
        hidden = f'<input type="hidden" name="account" value="{escape(only.id)}">'
        return f'{hidden}<div class="who">{_face(only)}</div>'
    begin = next((person for person in people if person.email == first), people[0])
    return "".join(
        f'<label class="who"><input type="radio" name="account" value="{escape(person.id)}" '
        f'data-email="{escape(person.email)}"{" checked" if person is begin else ""}>'
        f"{_face(person)}</label>"
        for person in people
    )


def _face(person: Consenter) -> str:
    return (
        f'<span class="face" aria-hidden="true">{escape(person.name[:1])}</span>'
        f"<span><b>{escape(person.name)}</b>"
        f'<span class="soft small">{escape(person.email)}</span></span>'
    )
