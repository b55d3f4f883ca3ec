"""An app password of a Nextcloud, from its sign-in page to its end; what it says, as documented."""

import logging
from base64 import b64encode
from typing import Any

import msgspec
import pytest

from oo_desktop.connectors.caldav.nextcloud import (
    MAX_URL,
    SIGN_IN,
    LoginFlow,
    begin,
    poll,
    revoke,
)
from oo_desktop.errors import SignInError, Unavailable
from oo_desktop.http.client import AnswerLost, Http
from oo_desktop.http.passwords import Credentials, CredentialsError, CredentialsField
from tests.http.scripted import Asked, Reply, ScriptedService

TOKEN = "mQUYQdffOSAMJYtm8pVpkOsVqXt5hglnuSpO5EMbgJMNEPFGaiDe8OUjvrJ2WcYcBSLgqynu9jaPFvZH"
APP_PASSWORD = "yKTVA4zgxjfivy52WqD8kW3M2pKGQr6srmUXMipRdunxjPFripJn0GMfmtNOqOolYSuJ6sCN"
PAGE = Reply(200, b"<!DOCTYPE html><p>Hello", content_type="text/html")


class Nextcloud:
    """Is a Nextcloud in a folder of a web server. password: of Ada, once she has agreed.

    changed: what it says in place of what is documented. named: who its app passwords are of.
    """

    def __init__(self, service: ScriptedService, *, at: str = "/cloud") -> None:
        self.url = f"http://127.0.0.1:{service.port}{at}"
        self.at = at
        self.asked = service.asked
        self.agreed = False
        self.password: str | None = APP_PASSWORD
        self.changed: dict[str, Any] = {}
        self.names: list[str] = []
        self.answer_instead: Reply | None = None
        service.answer = self._answer

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://")

    def _answer(self, asked: Asked) -> Reply | None:
        if self.answer_instead is not None:
            return self.answer_instead
        match asked.method, asked.path.removeprefix(self.at):
            case "POST", "/index.php/login/v2":
                self.names.append(asked.headers["user-agent"])
                assert not asked.body
                return Reply(200, self._login())
            case "POST", "/login/v2/poll":
                return self._poll(asked)
            case "DELETE", "/ocs/v2.php/core/apppassword":
                return self._delete(asked)
            case _:
                return Reply(404, b"<html>Not found", content_type="text/html")

    def _login(self) -> dict[str, Any]:
        poll = {"token": TOKEN, "endpoint": f"{self.url}/login/v2/poll"}
        poll |= {key: self.changed[key] for key in ("token", "endpoint") if key in self.changed}
        login = self.changed.get("login", f"{self.url}/login/v2/flow/guyjGtcKPTKCi4epIRIupIexgJ8w")
        return {"poll": poll, "login": login}

    def _poll(self, asked: Asked) -> Reply:
        assert TOKEN not in asked.target
        if asked.form != {"token": TOKEN} or not self.agreed or self.password is None:
            return Reply(404, [])
        self.agreed = False
        grant = {"server": self.url, "loginName": "ada", "appPassword": self.password}
        return Reply(200, {key: self.changed.get(key, grant[key]) for key in grant})

    def _delete(self, asked: Asked) -> Reply:
        """As core/Controller/AppPasswordController.php has it."""
        pair = b64encode(f"ada:{self.password}".encode()).decode()
        if "ocs-apirequest" not in asked.headers:
            return Reply(412, {})
        if asked.headers["authorization"] == f"Basic {b64encode(b'ada:her own').decode()}":
            return Reply(403, {"ocs": {"meta": {"statuscode": 403}}})
        if asked.headers["authorization"] != f"Basic {pair}" or self.password is None:
            return Reply(401, {"ocs": {"meta": {"statuscode": 997}}})
        self.password = None
        return Reply(200, {"ocs": {"meta": {"status": "ok"}}})


@pytest.fixture
def nextcloud(service: ScriptedService) -> Nextcloud:
    return Nextcloud(service)


def credentials(nextcloud: Nextcloud, **changes: str) -> Credentials:
    home = f"{nextcloud.url}/remote.php/dav/calendars/ada/"
    given = Credentials(server=home, user_name="ada", password=APP_PASSWORD)
    return msgspec.structs.replace(given, **changes)


# A login


async def test_a_login_is_agreed_to_in_the_browser_and_handed_out_once(
    nextcloud: Nextcloud, http: Http
) -> None:
    flow = await begin(http, nextcloud.address)
    assert flow.login.startswith(f"{nextcloud.url}/login/v2/flow/")
    assert await poll(http, flow) is None
    nextcloud.agreed = True
    assert await poll(http, flow) == Credentials(
        server=f"{nextcloud.url}/remote.php/dav/", user_name="ada", password=APP_PASSWORD
    )
    assert await poll(http, flow) is None


async def test_the_password_has_the_name_of_this_program(nextcloud: Nextcloud, http: Http) -> None:
    await begin(http, nextcloud.address)
    assert nextcloud.names == ["oO"]


@pytest.mark.parametrize(
    "page", ["/", "/index.php/apps/calendar", "/apps/tasks/", "/remote.php/dav/calendars/ada/x/"]
)
async def test_any_page_of_a_nextcloud_leads_to_it(
    page: str, nextcloud: Nextcloud, http: Http
) -> None:
    assert (await begin(http, nextcloud.address + page)).token == TOKEN


async def test_a_nextcloud_may_have_a_host_of_its_own(service: ScriptedService, http: Http) -> None:
    assert (await begin(http, Nextcloud(service, at="").address)).token == TOKEN


async def test_nothing_of_it_is_in_a_log_or_a_repr(
    nextcloud: Nextcloud, http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    nextcloud.agreed = True
    with caplog.at_level(logging.DEBUG):
        flow = await begin(http, nextcloud.address)
        given = await poll(http, flow)
        assert given is not None
        await revoke(http, given)
    shown = f"{caplog.text} {flow!r} {flow.__rich_repr__()} {given!r}"
    assert TOKEN not in shown
    assert APP_PASSWORD not in shown


# What is no Nextcloud, or does not speak as one


@pytest.mark.parametrize("address", ["http://cloud.example", "", "ada@cloud.example", "a?b"])
async def test_an_address_that_is_none_is_not_asked(
    address: str, nextcloud: Nextcloud, http: Http
) -> None:
    with pytest.raises(CredentialsError) as caught:
        await begin(http, address)
    assert caught.value.field is CredentialsField.SERVER
    assert not nextcloud.asked


@pytest.mark.parametrize(
    "reply",
    [
        PAGE,
        Reply(404, b"", content_type=None),
        Reply(302, headers={"location": "https://elsewhere.example/"}, content_type=None),
        Reply(405, {}),
        Reply(200, b"[" * 10_000),
        Reply(200, b"\xff"),
        Reply(200, {}),
        Reply(200, {"login": "x", "poll": {"endpoint": "x"}}),
    ],
    ids=["page", "404", "302", "405", "brackets", "no text", "nothing", "no token"],
)
async def test_what_is_no_nextcloud_is_told(reply: Reply, nextcloud: Nextcloud, http: Http) -> None:
    nextcloud.answer_instead = reply
    with pytest.raises(CredentialsError, match="no Nextcloud at this address") as caught:
        await begin(http, nextcloud.address)
    assert caught.value.field is CredentialsField.SERVER


@pytest.mark.parametrize("key", ["login", "endpoint"])
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/login/v2",
        "http://evil.example/login/v2",
        "http://127.0.0.1:1/login/v2",
        "https://127.0.0.1/login/v2",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//127.0.0.1/x",
        "http://127.0.0.1@evil.example/",
        "http://[::1",
    ],
)
async def test_nothing_leads_away_from_the_host_that_was_typed(
    key: str, url: str, nextcloud: Nextcloud, http: Http
) -> None:
    nextcloud.changed[key] = url
    with pytest.raises(CredentialsError, match="another address") as caught:
        await begin(http, nextcloud.address)
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize(
    "changed", [{"token": ""}, {"token": "x" * 513}, {"login": "x" * (MAX_URL + 1)}, {"token": 1}]
)
async def test_what_is_longer_than_any_is_not_taken(
    changed: dict[str, Any], nextcloud: Nextcloud, http: Http
) -> None:
    nextcloud.changed = changed
    with pytest.raises(CredentialsError, match="no Nextcloud"):
        await begin(http, nextcloud.address)


async def test_no_more_is_read_than_a_nextcloud_says(nextcloud: Nextcloud, http: Http) -> None:
    nextcloud.answer_instead = Reply(200, b" " * 100_000)
    with pytest.raises(AnswerLost):
        await begin(http, nextcloud.address)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"server": "https://evil.example"}, "not that of a Nextcloud"),
        ({"server": "ftp://127.0.0.1"}, "not that of a Nextcloud"),
        ({"server": ""}, "not that of a Nextcloud"),
        ({"loginName": None}, "not that of a Nextcloud"),
        ({"loginName": ""}, "user name is needed"),
        ({"loginName": "a:b"}, "cannot be sent"),
        ({"appPassword": "a\nb"}, "cannot be sent"),
        ({"appPassword": "x" * 151}, "too long"),
    ],
)
async def test_a_password_that_cannot_be_used_is_not_taken(
    changed: dict[str, Any], words: str, nextcloud: Nextcloud, http: Http
) -> None:
    flow = await begin(http, nextcloud.address)
    nextcloud.changed, nextcloud.agreed = changed, True
    with pytest.raises(SignInError, match=words) as caught:
        await poll(http, flow)
    assert APP_PASSWORD not in str(caught.value)


@pytest.mark.parametrize("reply", [PAGE, Reply(400, {}), Reply(200, {}), Reply(204)], ids=repr)
async def test_an_answer_that_makes_no_sense_ends_a_login(
    reply: Reply, nextcloud: Nextcloud, http: Http
) -> None:
    flow = await begin(http, nextcloud.address)
    nextcloud.answer_instead = reply
    with pytest.raises(SignInError, match="not that of a Nextcloud"):
        await poll(http, flow)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_does_not_work_just_now_is_told_apart(
    status: int, nextcloud: Nextcloud, http: Http
) -> None:
    flow = LoginFlow(login="", endpoint=f"{nextcloud.url}/login/v2/poll", token=TOKEN)
    nextcloud.answer_instead = Reply(status, {}, headers={"retry-after": "7"})
    for asked in (
        begin(http, nextcloud.address),
        poll(http, flow),
        revoke(http, credentials(nextcloud)),
    ):
        with pytest.raises(Unavailable) as caught:
            await asked
        assert (caught.value.retry_after, caught.value.limited) == (7, status == 429)


# The end of a password


async def test_a_password_is_ended_where_it_was_made(nextcloud: Nextcloud, http: Http) -> None:
    assert await revoke(http, credentials(nextcloud))
    assert nextcloud.password is None
    assert await revoke(http, credentials(nextcloud))


async def test_a_persons_own_password_cannot_be_ended(nextcloud: Nextcloud, http: Http) -> None:
    assert not await revoke(http, credentials(nextcloud, password="her own"))


async def test_a_server_that_is_no_nextcloud_is_not_asked(nextcloud: Nextcloud, http: Http) -> None:
    assert not await revoke(http, credentials(nextcloud, server="https://cal.example/ada/"))
    assert not nextcloud.asked


@pytest.mark.parametrize("reply", [PAGE, Reply(404, {}), Reply(301)], ids=repr)
async def test_only_a_nextclouds_word_ends_a_password(
    reply: Reply, nextcloud: Nextcloud, http: Http
) -> None:
    nextcloud.answer_instead = reply
    assert not await revoke(http, credentials(nextcloud))


@pytest.mark.parametrize("path", ["", "/cloud"])
def test_a_person_is_told_the_page_where_a_password_is_ended(path: str) -> None:
    home = f"https://ada.example{path}/remote.php/dav/calendars/ada/"
    given = Credentials(server=home, user_name="ada", password=APP_PASSWORD)
    assert SIGN_IN.page_of(given) == f"https://ada.example{path}/index.php/settings/user/security"


def test_calendars_of_a_nextcloud_are_known_by_their_address() -> None:
    assert SIGN_IN.is_at("https://ada.example/remote.php/dav/calendars/ada/")
    assert not SIGN_IN.is_at("https://ada.example/dav/ada/")
