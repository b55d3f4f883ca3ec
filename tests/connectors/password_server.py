"""A server that is signed in to with a user name and an app password, and its connector."""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

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
from oo_desktop.errors import SourceError, Unavailable
from oo_desktop.http.client import Answer, Http
from oo_desktop.http.passwords import Credentials, CredentialsError, CredentialsField, address_of
from oo_desktop.model.state import Preset
from oo_desktop.testing import Sent, StandIn

VAULT = ProviderId("vault")
SERVER = "https://dav.example/jobs/"


APP_PASSWORD = "app-pass-word"  # opens nothing


def credentials(
    *, password: str = APP_PASSWORD, server: str = SERVER, user_name: str = "ada"
) -> str:
    return Credentials(server=server, user_name=user_name, password=password).secret


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
    """The server.

    asked: the paths of all requests that were let in.
    failure: what every request meets instead; failed: how often. silent: none is answered.
    """

    at = "jobs"
    authorization = address_of(credentials())[1]

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failure: SourceError | None = None
        self.failed = 0
        self.silent = False

    async def request(self, method: str, url: str, **more: Any) -> Answer:
        if self.silent:
            await asyncio.Event().wait()
        if self.failure is not None:
            self.failed += 1
            raise self.failure
        return await super().request(method, url, **more)

    def answer(self, sent: Sent) -> tuple[int, object]:
        self.asked.append(sent.path)
        if sent.path in ("me", "moved/me"):
            return 200, {"id": "ada", "text": "ada@dav.example"}
        return 200, [{"id": "1", "text": "Mend the kite"}]


class Page(NamedTuple):
    """The page of one sign-in with the browser."""

    login_url: str


class Granting:
    """What makes passwords at the server, once a person has agreed in the browser.

    address: where a sign-in was begun.
    made: what the person agrees to; None: they have not yet.
    failures: what asking raises before, one each.
    ended: the passwords that the server was asked to end; refuses: it does not.
    """

    def __init__(self, *, refuses: bool = False) -> None:
        self.address = ""
        self.made: Credentials | None = None
        self.failures: list[SourceError] = []
        self.ended: list[str] = []
        self.refuses = refuses

    @property
    def browser(self) -> BrowserPassword:
        return BrowserPassword(
            name="Job Cloud",
            begin=self._begin,
            poll=self._poll,
            revoke=self._revoke,
            page_of=lambda made: f"{made.server}settings",
        )

    def agree(
        self, *, password: str = "app-pass-word", user_name: str = "ada"
    ) -> None:  # opens nothing
        self.made = Credentials(
            server=SERVER, user_name=user_name, password=password, revoke_url=f"{SERVER}end"
        )

    async def _begin(self, _http: Http, address: str) -> Page:
        if address == "nowhere.example":
            raise Unavailable("This is no Job Cloud.")
        self.address = address
        return Page("https://dav.example/login/7")

    async def _poll(self, _http: Http, page: Page) -> Credentials | None:
        assert page.login_url == "https://dav.example/login/7"
        if self.failures:
            raise self.failures.pop(0)
        return self.made

    async def _revoke(self, _http: Http, made: Credentials) -> None:
        if self.refuses:
            raise Unavailable("Not now.")
        self.ended.append(made.password)
