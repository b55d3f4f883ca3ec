"""Build the pages a person sees: static HTML, everything from outside escaped, one script file."""

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
