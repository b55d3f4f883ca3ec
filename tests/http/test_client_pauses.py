"""A service that asks oO to slow down is left alone: one pause for all that an account asks."""

import asyncio

import pytest

from oo_desktop.errors import Unavailable
from oo_desktop.http.client import AnswerLost, Http, NotSent, ServiceClient, bearer_at
from oo_desktop.testing import FakeClock
from tests.http.scripted import Asked, Reply, ScriptedService, ScriptedTokens


@pytest.mark.parametrize(
    ("status", "header", "extra", "wait"),
    [
        (429, "30", None, 30),
        (429, None, 66, 66),
        (429, "30", 66, 66),
        (429, "70", 66, 70),
        (429, "70", "66", 70),
        (429, None, 1.5, 1.5),
        (429, None, 1e12, None),
        (429, None, -3, None),
        (429, None, True, None),
        (429, None, None, None),
        (503, "30", None, 30),
        (503, None, 7, 7),
    ],
)
async def test_a_service_under_load_is_left_alone_as_long_as_it_asks(
    status: int,
    header: str | None,
    extra: object,
    wait: float | None,
    client: ServiceClient,
    service: ScriptedService,
    clock: FakeClock,
) -> None:
    headers = {"retry-after": header} if header else {}
    service.replies = [Reply(status, {"error_extra": {"retry_after": extra}}, headers)]
    with pytest.raises(Unavailable) as caught:
        await client.get("x")
    assert caught.value.limited
    if wait is None:
        assert caught.value.retry_after is None
        await client.get("x")
        return
    # Half of the noise of a tenth.
    assert caught.value.retry_after == pytest.approx(wait * 1.05)
    await clock.advance(wait * 1.04)
    with pytest.raises(Unavailable) as waiting:
        await client.post("y")
    assert waiting.value.limited
    assert waiting.value.retry_after == pytest.approx(wait * 0.01)
    assert len(service.asked) == 1
    await clock.advance(wait * 0.02)
    await client.get("x")


async def test_a_503_without_a_time_is_no_pause(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [Reply(503)]
    with pytest.raises(Unavailable) as caught:
        await client.get("x")
    assert not caught.value.limited
    await client.get("x")


async def test_a_pause_ends_in_time_when_the_machine_slept(
    client: ServiceClient, service: ScriptedService, clock: FakeClock
) -> None:
    service.replies = [Reply(429, headers={"retry-after": "600"})]
    with pytest.raises(Unavailable):
        await client.get("x")
    clock.jump(3600)
    await client.get("x")


async def test_a_clock_set_back_does_not_make_a_pause_longer(
    client: ServiceClient, service: ScriptedService, clock: FakeClock
) -> None:
    service.replies = [Reply(429, headers={"retry-after": "60"})]
    with pytest.raises(Unavailable):
        await client.get("x")
    clock.jump(-3 * 3600)
    await clock.advance(64)
    await client.get("x")


async def test_a_pause_is_never_made_shorter(
    client: ServiceClient, service: ScriptedService, clock: FakeClock
) -> None:
    def limit(asked: Asked) -> Reply:
        return Reply(429, headers={"retry-after": asked.query["wait"]})

    service.answer = limit
    with pytest.raises(Unavailable):
        await asyncio.gather(*(client.get("x", params={"wait": wait}) for wait in ("600", "5")))
    await clock.advance(60)
    asked = len(service.asked)
    with pytest.raises(Unavailable):
        await client.get("x", params={"wait": "1"})
    assert len(service.asked) == asked


async def test_a_paused_account_does_not_even_ask_for_its_token(
    client: ServiceClient, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    service.replies = [Reply(429, headers={"retry-after": "60"})]
    with pytest.raises(Unavailable):
        await client.get("x")
    with pytest.raises(Unavailable):
        await client.get("x")
    assert tokens.asked == 1


async def test_one_account_pauses_alone(
    http: Http, service: ScriptedService, clock: FakeClock, client: ServiceClient
) -> None:
    other = ServiceClient(
        http=http,
        address=bearer_at(service.url),
        tokens=ScriptedTokens(),
        clock=clock,
        origin_name="Todoist",
    )
    service.replies = [Reply(429, headers={"retry-after": "60"})]
    with pytest.raises(Unavailable):
        await client.get("x")
    await other.get("x")


# What certainly was not done


async def test_a_service_that_says_slow_down_did_nothing_and_a_pause_asks_nothing(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [Reply(429, headers={"retry-after": "60"})]
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            await client.post("sync")
        assert not caught.value.reached
    assert len(service.asked) == 1


async def test_a_429_without_a_time_did_nothing_either(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [Reply(429)]
    with pytest.raises(Unavailable) as caught:
        await client.post("sync")
    assert not caught.value.reached


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(408), id="408"),
        pytest.param(Reply(500), id="500"),
        pytest.param(Reply(503), id="503"),
        pytest.param(Reply(503, headers={"retry-after": "9"}), id="503 with a time"),
        pytest.param(Reply(302), id="redirect"),
        pytest.param(Reply(200, b"<html>", content_type="text/html"), id="a web page"),
        pytest.param(Reply(raw=b"", then="close"), id="no answer"),
        pytest.param(Reply(raw=b"", then="reset"), id="a reset"),
    ],
)
async def test_whatever_else_goes_wrong_after_sending_may_have_been_done(
    reply: Reply, client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [reply]
    with pytest.raises(Unavailable) as caught:
        await client.post("sync")
    assert caught.value.reached


async def test_what_could_not_be_sent_was_not_done(
    client: ServiceClient, service: ScriptedService, http: Http
) -> None:
    await http.aclose()
    with pytest.raises(NotSent, match="Todoist") as caught:
        await client.post("sync")
    assert not caught.value.reached
    assert not service.asked


@pytest.mark.parametrize("error", [Unavailable("Not now."), AnswerLost("Lost.")])
async def test_a_token_that_cannot_be_had_leaves_the_request_unsent(
    error: Unavailable, client: ServiceClient, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    service.replies = [Reply(401)]
    tokens.failure = error  # for the renewal, after a 401: which is a refusal too
    with pytest.raises(Unavailable, match=str(error)) as caught:
        await client.post("sync")
    assert not caught.value.reached
    tokens.access_failure = error
    with pytest.raises(Unavailable, match=str(error)) as caught:
        await client.post("sync")
    assert not caught.value.reached
    assert len(service.asked) == 1


async def test_how_long_to_wait_for_a_token_is_passed_on(
    client: ServiceClient, tokens: ScriptedTokens
) -> None:
    tokens.access_failure = Unavailable("Slow down.", retry_after=7, limited=True)
    with pytest.raises(Unavailable) as caught:
        await client.get("x")
    assert (caught.value.retry_after, caught.value.limited) == (7, True)
