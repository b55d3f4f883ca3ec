"""Hold what the loopback receiver answers: static pages, rendered once, that claim nothing untrue.

When the browser shows one of them the token exchange has not happened yet, so none says
"success". Nothing a request carries is ever reflected. The policy allows no script, no frame, no
form and no further request: the icon is an empty data URL so that browsers do not ask for one.
"""

from http import HTTPStatus

from oo_desktop import language
from oo_desktop.language import translated

STYLE = """
:root { color-scheme: light dark; --paper: #f6f5f2; --card: #fff; --ink: #1f2328; --soft: #656c76;
  --line: #e4e2dc; --mark: #0f8a89; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --card: #1f2226; --ink: #eceef0;
  --soft: #9aa2ac; --line: #2e3238; --mark: #2fbfbd; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Cantarell, "Noto Sans", sans-serif; }
main { width: 100%; max-width: 25rem; padding: 2.75rem 2.5rem 2.5rem; text-align: center;
  background: var(--card); border: 1px solid var(--line); border-radius: 1.25rem; }
svg { width: 4.5rem; height: 2.75rem; fill: none; stroke: var(--mark); stroke-width: 5; }
h1 { margin: 1.25rem 0 .5rem; font-size: 1.5rem; line-height: 1.25; font-weight: 600;
  letter-spacing: -.01em; text-wrap: balance; }
p { margin: 0; color: var(--soft); text-wrap: balance; }
"""

TEMPLATE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} · oO</title>
<link rel="icon" href="data:,">
<style>{style}</style>
<main>
<svg viewBox="0 0 72 44" role="img" aria-label="oO">\
<circle cx="16" cy="29" r="11"/><circle cx="50" cy="22" r="18"/></svg>
<h1>{title}</h1>
<p>{text}</p>
</main>
</html>
"""

_HEADERS = (
    "Content-Type: text/html; charset=utf-8",
    "Cache-Control: no-store",
    "Connection: close",
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy: same-origin",
    "Cross-Origin-Resource-Policy: same-origin",
    "Referrer-Policy: no-referrer",
    "X-Content-Type-Options: nosniff",
    "X-Frame-Options: DENY",
)


def _response(status: HTTPStatus, title: str, text: str, *headers: str) -> bytes:
    from html import escape  # brings 2,231 names of characters: not before it is needed

    body = TEMPLATE.format(
        language=language.code(),
        direction="rtl" if language.is_right_to_left() else "ltr",
        title=escape(title),
        text=escape(text),
        style=STYLE,
    ).encode()
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        *_HEADERS,
        *headers,
        f"Content-Length: {len(body)}",
        "",
        "",
    )
    return "\r\n".join(lines).encode("ascii") + body


def received() -> bytes:
    """Return what the browser shows once oO has the answer."""
    return _response(
        HTTPStatus.OK,
        translated("Return to oO"),
        translated("oO has the answer and is finishing the sign-in. You can close this tab."),
    )


def denied() -> bytes:
    """Return what it shows where the person has said no."""
    return _response(
        HTTPStatus.OK,
        translated("Nothing was connected"),
        translated("You can close this tab. To try again, start from oO."),
    )


def already_received() -> bytes:
    """Return what it shows where the answer comes a second time."""
    return _response(
        HTTPStatus.OK,
        translated("Already received"),
        translated("oO has its answer. You can close this tab and return to oO."),
    )


def not_for_us(status: HTTPStatus, *headers: str) -> bytes:
    """Return the answer to a request that is none of a sign-in."""
    return _response(
        status,
        translated("Nothing here"),
        translated(
            "This address only takes the answer to a sign-in that oO is waiting for. "
            "If you were signing in, start again from oO."
        ),
        *headers,
    )


def method_not_allowed(*, has_body: bool = True) -> bytes:
    """Return the answer to anything but GET; to HEAD the same, without its body."""
    answer = not_for_us(HTTPStatus.METHOD_NOT_ALLOWED, "Allow: GET")
    return answer if has_body else answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
