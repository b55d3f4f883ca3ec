"""One oO as a process of its own, as far as tokens go: `token_process.py FOLDER URL`, to be killed.

Its keyring is a file that other processes see too. Renews the token it finds there, and prints what
it got, or why there is none.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import msgspec

from oo_desktop.clock import SystemClock
from oo_desktop.errors import OoError
from oo_desktop.http.client import Http
from oo_desktop.integrations.keyring import KeyringPort
from oo_desktop.integrations.tokens import AccountTokens
from oo_desktop.integrations.vault import TokenVault
from oo_desktop.oauth import messages as oauth
from oo_desktop.oauth.messages import TokenAnswer
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from tests.integrations.rotating import KEY
from tests.oauth.token_endpoint import SERVICE


class FileKeyring:
    """Each write is whole or not at all, however suddenly its process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_password(self, service: str, username: str) -> str | None:
        path = self._path(service)
        return path.read_text() if path.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        fresh = self._folder / f"fresh-{os.getpid()}"
        fresh.write_text(password)
        fresh.rename(self._path(service))

    def delete_password(self, service: str, username: str) -> None:
        self._path(service).unlink()

    def _path(self, service: str) -> Path:
        return self._folder / f"{service}.secret"


def vault(folder: Path) -> tuple[TokenVault, Database]:
    """What a process finds in `folder`."""
    database = Database(folder / "oo.db")
    keyring = FileKeyring(folder)
    return (
        TokenVault(
            integrations=IntegrationStore(database),
            keyring=KeyringPort(choose=lambda: keyring),
            clock=SystemClock(),
        ),
        database,
    )


async def main(folder: Path, url: str) -> None:
    kept, database = vault(folder)
    http = Http(clock=SystemClock())
    service = msgspec.structs.replace(SERVICE, token_url=f"{url}/oauth/access_token")

    async def refresh(client_id: str, refresh_token: str) -> TokenAnswer:
        return await oauth.refresh(http, service, client_id=client_id, refresh_token=refresh_token)

    tokens = AccountTokens(
        key=KEY, vault=kept, refresh=refresh, lock_folder=folder, clock=SystemClock()
    )
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        said = {"access": await tokens.access_token()}
    except OoError as error:
        said = {"error": type(error).__name__}
    print(json.dumps(said), flush=True)
    await tokens.aclose()
    await http.aclose()
    database.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
