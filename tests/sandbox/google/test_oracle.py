"""The stand-in Google driven by Google's own Python client: it shares nothing with it.

The client is built from the API's description it carries, and sent to the sandbox. It blocks, so it
gets a sandbox in a process of its own.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httplib2
import httpx
import pytest
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest

from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET
from oo_desktop.sandbox.google.seed import ENGINE, GERMAN_HOLIDAYS
from oo_desktop.sandbox.process import SandboxProcess
from tests.sandbox.google.guest import ADA, AUTHORIZE, CALLBACK, LIST, TOKEN, WRITE
from tests.sandbox.google.schema import DOCUMENT


class WithToken(httplib2.Http):  # type: ignore[misc]  # it ships no types
    """httplib2 that sends one access token along."""

    def __init__(self, token: str) -> None:
        super().__init__(timeout=10)
        self._token = token

    def request(self, uri: str, *args: Any, headers: Any = None, **more: Any) -> Any:
        every = {**(headers or {}), "Authorization": f"Bearer {self._token}"}
        return super().request(uri, *args, headers=every, **more)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(zone="Europe/Berlin") as running:
        yield running


def access_token(url: str) -> str:
    """Ada's, by hand: the client is about the API, not about signing in."""
    query = {
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": f"{LIST} {WRITE}",
    }
    with httpx.Client(base_url=url, trust_env=False) as http:
        page = http.get(AUTHORIZE, params=query).text
        form = {
            "ticket": re.findall(r'name="ticket" value="([^"]+)"', page)[0],
            "account": re.findall(rf'value="(\d+)" data-email="{ADA}"', page)[0],
            "scope": [LIST, WRITE],
            "decision": "allow",
        }
        back = http.post(AUTHORIZE, data=form).headers["location"]
        exchange = {
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "code": parse_qs(urlsplit(back).query)["code"][0],
            "redirect_uri": CALLBACK,
        }
        token: str = http.post(TOKEN, data=exchange).json()["access_token"]
        return token


@pytest.fixture
def calendar(sandbox: SandboxProcess) -> Iterator[Any]:
    """The client, signed in as Ada on a fresh day."""
    sandbox.control("reset", apps=True)
    description = json.dumps({**DOCUMENT, "rootUrl": f"{sandbox.url}/google/"})
    http = WithToken(access_token(sandbox.url))
    client = build_from_document(description, http=http)
    yield client
    client.close()


def pages(request: HttpRequest, following: Callable[..., Any]) -> list[dict[str, Any]]:
    """All pages, by the client's own way from one to the next."""
    found = []
    while request is not None:
        found.append(request.execute())
        request = following(request, found[-1])
    return found


def test_the_client_walks_all_pages_of_the_list(calendar: Any) -> None:
    lists = calendar.calendarList()
    walked = pages(lists.list(maxResults=2, showHidden=True), lists.list_next)
    assert [len(page["items"]) for page in walked] == [2, 2, 2]
    assert walked[0]["items"][0]["primary"] is True


def test_the_client_walks_all_pages_of_a_calendar(calendar: Any, sandbox: SandboxProcess) -> None:
    sandbox.control("clear_events")
    sandbox.control("add_event", summary="Event", times=7, minutes=10)
    sandbox.control("paging", service="google_calendar", limit=3, empty=True)
    events = calendar.events()
    walked = pages(
        events.list(calendarId="primary", singleEvents=True, orderBy="startTime"),
        events.list_next,
    )
    assert [len(page["items"]) for page in walked] == [0, 3, 3, 1]
    seen = [item["summary"] for page in walked for item in page["items"]]
    assert seen == [f"Event {turn}" for turn in range(1, 8)]


def test_the_client_encodes_calendar_ids_and_is_understood(calendar: Any) -> None:
    answer = calendar.events().list(calendarId=GERMAN_HOLIDAYS, fields="items/summary").execute()
    assert answer == {"items": [{"summary": "Punch Card Day"}]}


def test_the_client_asks_for_kinds_of_events(calendar: Any) -> None:
    kinds = ["birthday", "workingLocation"]
    answer = calendar.events().list(calendarId=ADA, eventTypes=kinds).execute()
    assert {item["eventType"] for item in answer["items"]} == set(kinds)


def test_the_client_syncs(calendar: Any, sandbox: SandboxProcess) -> None:
    events = calendar.events()
    first = events.list(calendarId=ENGINE).execute()
    id_ = first["items"][0]["id"]
    sandbox.control("cancel_event", id=id_)
    changed = events.list(calendarId=ENGINE, syncToken=first["nextSyncToken"]).execute()
    assert [(item["id"], item["status"]) for item in changed["items"]] == [(id_, "cancelled")]


def test_the_client_answers_an_invitation(calendar: Any, sandbox: SandboxProcess) -> None:
    events = calendar.events()
    review = events.list(calendarId="primary", q="Design review").execute()["items"][0]
    for guest in review["attendees"]:
        if guest.get("self"):
            guest["responseStatus"] = "accepted"
    request = events.patch(
        calendarId="primary",
        eventId=review["id"],
        sendUpdates="all",
        body={"attendees": review["attendees"]},
    )
    request.headers["If-Match"] = review["etag"]
    assert len(request.execute()["attendees"]) == 4
    (done,) = sandbox.state()["google"]["history"]
    assert (done["response"], done["send_updates"]) == ("accepted", "all")
    with pytest.raises(HttpError) as refused:
        request.execute()
    assert refused.value.status_code == 412


@pytest.mark.logs_warnings  # the client warns of each 403
@pytest.mark.parametrize(
    ("reason", "status", "shown"),
    [
        ("authError", 401, "Invalid Credentials"),
        ("rateLimitExceeded", 403, "Rate Limit Exceeded"),
        ("userRateLimitExceeded", 403, "User Rate Limit Exceeded"),
        ("quotaExceeded", 403, "Calendar usage limits exceeded."),
        ("accessNotConfigured", 403, "has not been used in project"),
        ("insufficientPermissions", 403, "Request had insufficient authentication scopes."),
        ("forbidden", 403, "Forbidden"),
        ("notFound", 404, "Not Found"),
        ("fullSyncRequired", 410, "a full sync is required"),
        ("backendError", 500, "Backend Error"),
    ],
)
def test_the_client_reads_every_refusal(
    calendar: Any, sandbox: SandboxProcess, reason: str, status: int, shown: str
) -> None:
    sandbox.control("fail", reason=reason)
    with pytest.raises(HttpError) as refused:
        calendar.events().list(calendarId="primary").execute()
    assert refused.value.status_code == status
    assert shown in refused.value.reason
    calendar.events().list(calendarId="primary").execute()


@pytest.mark.logs_warnings  # and of each new try
def test_the_client_tries_again_where_a_rate_limit_passes(
    calendar: Any, sandbox: SandboxProcess
) -> None:
    sandbox.control("fail", reason="rateLimitExceeded")
    request = calendar.events().list(calendarId="primary")
    request._sleep = lambda _seconds: None
    assert request.execute(num_retries=1)["kind"] == "calendar#events"
