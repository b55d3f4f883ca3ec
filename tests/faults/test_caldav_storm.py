"""A few storms with CalDAV in every run; `python -m tests.faults caldav` plays hundreds."""

from collections.abc import Callable
from typing import Any

import pytest

from oo_desktop.http.client import Answer, DavMethod, ServiceClient
from tests.faults.caldav_law import Resource, moved_line
from tests.faults.caldav_storm import storm

SEEDS = range(1, 15)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_storm_every_click_is_written_once_and_nothing_else_changes(seed: int) -> None:
    assert storm(seed).violations == []


class Spoiling(ServiceClient):
    """Writes something else than it was told."""

    def __init__(self, client: ServiceClient, spoil: Callable[[bytes], bytes]) -> None:
        self.__dict__.update(client.__dict__)
        self._spoil = spoil

    async def dav(
        self, method: DavMethod, href: str, *, body: bytes | None = None, **more: Any
    ) -> Answer:
        if method == "PUT" and body is not None:
            body = self._spoil(body)
        return await super().dav(method, href, body=body, **more)


def moved_once_more(body: bytes) -> bytes:
    resource = Resource(body)
    master = resource.master
    if master.repeats and (following := master.following()):
        for name, at in master.dates_on(following[0]).items():
            master.put(name, moved_line(master.line(name) or "", at))
    return bytes(resource)


def under_another_uid(body: bytes) -> bytes:
    return body if b"PRODID:-//oO desktop" not in body else body.replace(b"UID:", b"UID:x", 1)


def without_a_line(body: bytes) -> bytes:
    return body.replace(b"X-APPLE-SORT-ORDER:602083021\r\n", b"")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(moved_once_more, "not to the next occurrence", id="a double move"),
        pytest.param(under_another_uid, "not as it was asked for", id="another UID"),
        pytest.param(without_a_line, "foreign lines changed", id="a lost line"),
    ],
)
def test_what_is_written_wrongly_breaks_the_law(spoil: Callable[[bytes], bytes], said: str) -> None:
    assert any(
        said in each
        for seed in range(1, 9)
        for each in storm(seed, through=lambda client: Spoiling(client, spoil)).violations
    )
