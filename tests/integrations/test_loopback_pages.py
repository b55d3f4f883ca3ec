"""The pages the loopback receiver serves, and what stays out of them and of the log."""

import logging
import re

import pytest

from oo_desktop.integrations.loopback import Callback, LoopbackReceiver
from tests.integrations.raw_http import CODE, PATH, STATE, visit, waiting
from tests.pseudo_language import pseudo, pseudo_language

GOOD = f"{PATH}?code={CODE}&state={STATE}"


async def _every_page(receiver: LoopbackReceiver) -> list[tuple[str, dict[str, str]]]:
    bait = "<script>alert(1)</script>"
    poison = f"{PATH}?error_description={bait}&x={bait}"
    replies = [
        await visit(receiver, f"/{bait}"),
        await visit(receiver, poison, f"Origin: https://{bait}"),
        await visit(receiver, poison, f"X: {bait}", method="POST"),
        await visit(receiver, f"{poison}&error={bait}&state={bait}"),
        await visit(receiver, f"{poison}&error={bait}&state={STATE}"),
        await visit(receiver, f"{poison}&error={bait}&state={STATE}"),
    ]
    assert [reply.status for reply in replies] == [404, 403, 405, 400, 200, 200]
    return [(reply.body, reply.headers) for reply in replies]


async def test_no_page_reflects_anything_or_may_run_anything() -> None:
    """Rows 8 and 21."""
    async with waiting() as receiver:
        for body, headers in await _every_page(receiver):
            assert "script" not in body
            assert '<link rel="icon" href="data:,">' in body
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            assert headers["connection"] == "close"
            assert int(headers["content-length"]) == len(body.encode())


async def test_pages_need_nothing_from_anywhere_and_know_light_and_dark() -> None:
    """Row 21: the policy would block whatever they asked for."""
    async with waiting() as receiver:
        for body, _ in await _every_page(receiver):
            assert "prefers-color-scheme: dark" in body
            assert "http" not in body
            assert not re.findall(r"url\(|@import|src=", body)


async def test_the_page_claims_no_success_and_says_the_tab_can_be_closed() -> None:
    """Rows 22 and 33: the exchange may still fail; the address bar still shows the code."""
    async with waiting() as receiver:
        body = (await visit(receiver, GOOD)).body
        assert "Return to oO" in body
        assert "You can close this tab" in body
        assert not re.search("success|connected|signed in", body, re.IGNORECASE)


async def test_nothing_of_a_callback_gets_into_a_log_or_a_repr(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Row 31."""
    caplog.set_level(logging.DEBUG)
    async with waiting() as receiver:
        await visit(receiver, f"/elsewhere?code={CODE}&state={STATE}")
        await visit(receiver, GOOD)
        callback = await receiver.receive()
        shown = f"{callback!r} {callback} {receiver!r} {caplog.text}"
    assert CODE not in shown
    assert STATE not in shown
    assert repr(callback) == "Callback(code='…', error=None)"
    assert repr(Callback(None, "access_denied")) == "Callback(code=None, error='…')"


async def test_a_page_is_in_the_language_of_the_person_and_says_which_that_is() -> None:
    async with waiting() as receiver:
        with pseudo_language("ar"):
            body = (await visit(receiver, GOOD)).body
        assert '<html lang="ar" dir="rtl">' in body
        assert f"<h1>{pseudo('Return to oO')}</h1>" in body


async def test_a_page_in_english_is_read_from_left_to_right() -> None:
    async with waiting() as receiver:
        assert '<html lang="en" dir="ltr">' in (await visit(receiver, GOOD)).body
