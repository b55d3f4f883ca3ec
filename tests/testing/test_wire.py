"""What stands between a connector and its service in a test."""

import pytest

from oo_desktop.http.client import Answer, AnswerLost, NotSent
from oo_desktop.testing import OneToken, Sent, StandIn
from oo_desktop.testing.wire import (
    PASTED_TOKEN,
    Wire,
    answer_lost,
    json_answer,
    says,
    unreachable,
    with_one_strange_value,
)

URL = "https://notes.example/api/notes/a%2Fb?x=1"


class Notes(StandIn):
    at = "api"

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def answer(self, sent: Sent) -> tuple[int, object]:
        self.sent.append(sent)
        return 200, {"path": sent.path}


async def asked(wire: Wire, token: str = PASTED_TOKEN) -> int:
    answer = await wire.request("GET", URL, headers={"Authorization": f"Bearer {token}"})
    return answer.status


async def test_a_stand_in_gets_what_was_sent_taken_apart() -> None:
    notes = Notes()
    assert await asked(Wire(notes)) == 200
    headers = {"Authorization": f"Bearer {PASTED_TOKEN}"}
    sent = Sent(method="GET", path="notes/a/b", params={"x": "1"}, headers=headers)
    assert notes.sent == [sent]


async def test_whoever_has_no_token_is_refused() -> None:
    notes = Notes()
    assert await asked(Wire(notes), "another") == 401
    assert notes.sent == []
    assert await OneToken().access_token() == PASTED_TOKEN


async def test_only_the_requests_that_are_meant_meet_the_fault() -> None:
    wire = Wire(Notes())
    with wire.broken(says(500, b"{}"), first=1, last=1):
        assert [await asked(wire) for _ in range(3)] == [200, 500, 200]
    assert wire.count == 3
    assert await asked(wire) == 200


async def test_a_lost_answer_reached_the_service_and_no_network_did_not() -> None:
    notes = Notes()
    wire = Wire(notes)
    with wire.broken(answer_lost, first=0), pytest.raises(AnswerLost):
        await asked(wire)
    assert len(notes.sent) == 1
    with wire.broken(unreachable, first=0), pytest.raises(NotSent):
        await asked(wire)
    assert len(notes.sent) == 1


def test_an_answer_is_json() -> None:
    assert json_answer(200, [1]).body == b"[1]"


class Page(StandIn):
    def answer(self, sent: Sent) -> Answer:
        body = b'<a x="1"><b>two</b><c/></a>'
        return Answer(207, "application/xml", body, etag=sent.path)


async def test_a_stand_in_may_answer_with_anything() -> None:
    headers = {"Authorization": f"Bearer {PASTED_TOKEN}"}
    answer = await Wire(Page()).request("PROPFIND", URL, headers=headers)
    assert (answer.status, answer.etag) == (207, "api/notes/a/b")


async def test_one_strange_value_in_xml_is_a_name_an_attribute_or_a_text() -> None:
    wire, headers = Wire(Page()), {"Authorization": f"Bearer {PASTED_TOKEN}"}
    bodies = set()
    for choice in range(40):
        with wire.broken(with_one_strange_value(choice), first=0):
            bodies.add((await wire.request("PROPFIND", URL, headers=headers)).body)
    assert all(body.startswith(b"<") for body in bodies)
    assert len(bodies) > 8
    for changed in (b"<planted", b'x="0001-01-01"', b"<b>planted", b"<c>planted"):
        assert any(changed in body for body in bodies), changed
