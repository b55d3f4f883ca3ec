"""A server that is signed in to with a user name and an app password, and its connector."""

from collections.abc import Callable

import msgspec

from oo_desktop.connector import (
    ProviderId,
    ServiceClient,
    SignalId,
    Snapshot,
    Task,
    UserId,
    decoded,
)
from oo_desktop.connectors.base import BrowserPassword, ClientAt, Connector, Password
from oo_desktop.http.passwords import Credentials, CredentialsError, CredentialsField, address_of
from oo_desktop.model.state import Preset
from oo_desktop.testing import Sent, StandIn

VAULT = ProviderId("vault")
SERVER = "https://dav.example/jobs/"


def credentials(*, password: str = "app-pass-word", server: str = SERVER) -> str:  # opens nothing
    return Credentials(server=server, user_name="ada", password=password).secret


class Job(msgspec.Struct):
    id: str
    text: str


class JobSource:
    """Reads a list of jobs."""

    id = VAULT

    def __init__(self, client: Callable[[UserId], ServiceClient]) -> None:
        self._client = client

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        jobs = decoded(await self._client(user_id).get("list"), list[Job])
        found = {
            job.id: Task(id=SignalId(job.id), source=self.id, user_id=user_id, title=job.text)
            for job in jobs
            if job.id
        }
        return Snapshot(signals=tuple(found.values()))


async def find_server(typed: str, user_name: str, client_at: ClientAt) -> str:
    """Find the folder of a user's jobs, from the server's address or the user's own."""
    _, at, host = user_name.partition("@")
    if not typed and not at:
        raise CredentialsError(
            "Give the server’s address, or your e-mail address.", field=CredentialsField.SERVER
        )
    client = client_at(typed if "://" in typed else f"https://{typed or host}/jobs/")
    decoded(await client.get("me"), Job)
    return await client.base_url()


def connector(browser: BrowserPassword | None = None) -> Connector:
    return Connector(
        id=VAULT,
        name="Job Vault",
        sign_in=Password(
            find_server=find_server,
            presets=(
                Preset(id="jobs", name="Jobs & Co", server="dav.example", hint="Use your name."),
                Preset(id="other", name="Other"),
            ),
            browser=browser,
        ),
        source=lambda given: JobSource(given.clients),
    )


class JobVault(StandIn):
    """The server. asked: the paths of all requests that were let in."""

    at = "jobs"
    authorization = address_of(credentials())[1]

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, sent: Sent) -> tuple[int, object]:
        self.asked.append(sent.path)
        if sent.path == "me":
            return 200, {"id": "ada", "text": "ada@dav.example"}
        return 200, [{"id": "1", "text": "Mend the kite"}]
