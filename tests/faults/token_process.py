"""Be one oO as a process, as far as tokens go: `token_process.py FOLDER URL`, to be killed.

Its keyring is a file that other processes see too. Renews the token it finds there, and prints what
it got, or why there is none.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
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
from tests.file_keyring import FileKeyring
from tests.integrations.rotating import KEY
from tests.oauth.token_endpoint import SERVICE


def vault(folder: Path) -> tuple[TokenVault, Database]:
    """Return what a process finds in `folder`."""
    database = Database(folder / "oo.db")
    keyring = FileKeyring(folder / "keyring.json")
    return (
        TokenVault(
            integrations=IntegrationStore(database),
            keyring=KeyringPort(choose=lambda: keyring),
            clock=SystemClock(),
        ),
        database,
    )


def renewal(http: Http, url: str) -> Callable[[str, str], Awaitable[TokenAnswer]]:
    """Return how tokens of the service at `url` are renewed."""
    service = msgspec.structs.replace(SERVICE, token_url=f"{url}/oauth/access_token")

    async def refresh(client_id: str, refresh_token: str) -> TokenAnswer:
        return await oauth.refresh(http, service, client_id=client_id, refresh_token=refresh_token)

    return refresh


async def main(folder: Path, url: str) -> None:
    kept, database = vault(folder)
    http = Http(clock=SystemClock())
    tokens = AccountTokens(
        key=KEY, vault=kept, refresh=renewal(http, url), lock_folder=folder, clock=SystemClock()
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
