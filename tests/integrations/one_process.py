"""One of several processes that want the same account's token: `one_process.py FOLDER`.

Its keyring is a file, its service another: both are shared by all of them. Prints its token.
"""

import asyncio
import fcntl
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oo_desktop.clock import SystemClock
from oo_desktop.integrations.keyring import KeyringPort
from oo_desktop.integrations.tokens import AccountTokens
from oo_desktop.integrations.vault import TokenVault
from oo_desktop.oauth.messages import TokenAnswer
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from tests.integrations.rotating import KEY


@contextmanager
def shared(path: Path) -> Iterator[dict[str, Any]]:
    """A JSON object in a file, for one process at a time."""
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        state = json.load(file)
        yield state
        file.seek(0)
        file.truncate()
        json.dump(state, file)


class FileKeyring:
    """A keyring other processes see too."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_password(self, service: str, username: str) -> str | None:
        with shared(self._path) as entries:
            value: str | None = entries.get(service)
            return value

    def set_password(self, service: str, username: str, password: str) -> None:
        with shared(self._path) as entries:
            entries[service] = password

    def delete_password(self, service: str, username: str) -> None:
        with shared(self._path) as entries:
            del entries[service]


async def main(folder: Path) -> None:
    clock = SystemClock()
    database = Database(folder / "oo.db")
    keyring = FileKeyring(folder / "keyring.json")

    async def refresh(client_id: str, refresh_token: str) -> TokenAnswer:
        with shared(folder / "service.json") as service:
            service["renewals"] += 1
            number = service["renewals"]
        await asyncio.sleep(0.2)  # long enough for everybody to arrive
        return TokenAnswer(f"access-{number}", f"refresh-{number}", 3600, None)

    tokens = AccountTokens(
        key=KEY,
        vault=TokenVault(
            integrations=IntegrationStore(database),
            keyring=KeyringPort(choose=lambda: keyring),
            clock=clock,
        ),
        refresh=refresh,
        lock_folder=folder,
        clock=clock,
    )
    (folder / f"ready-{time.monotonic_ns()}").touch()
    while not (folder / "go").exists():  # noqa: ASYNC110  # the test says when
        await asyncio.sleep(0.005)
    print(await tokens.renewed("access-0"))
    await tokens.aclose()
    database.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
