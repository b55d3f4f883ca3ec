"""The file the Cloud console offers for a desktop client: `client_secret_….json`."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oo_desktop.sandbox.google import PREFIX
from oo_desktop.sandbox.google.client import CLIENT_ID
from oo_desktop.sandbox.google.oauth import AUTHORIZE
from oo_desktop.sandbox.google.service import Google


def client_file_routes(google: Google) -> list[Route]:
    """`GET /sandbox/google/client_secret.json`, of `client_id` or the client from the start."""

    async def answer(request: Request) -> Response:
        client = google.grants.clients.get(request.query_params.get("client_id", CLIENT_ID))
        if client is None:
            return Response(status_code=404)
        base = f"{request.url.scheme}://{request.url.netloc}"
        installed = {
            "client_id": client.id,
            "project_id": f"sandbox-{client.project}",
            "auth_uri": base + AUTHORIZE,
            "token_uri": f"{base}{PREFIX}/token",
            "auth_provider_x509_cert_url": f"{base}{PREFIX}/oauth2/v1/certs",
            "client_secret": client.secret,
            "redirect_uris": ["http://localhost"],
        }
        name = f"client_secret_{client.id}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        body = json.dumps({"installed": installed})
        return Response(body, headers=headers, media_type="application/json")

    return [Route("/sandbox/google/client_secret.json", answer, methods=["GET"])]
