"""Sends requests, for all accounts: each bounded in time and size, every failure one of ours.

What does it, `transport`, brings httpx: 40 ms of a start, in which the saved list could be on the
screen already. So it is imported for the first request, and in a thread.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oo_desktop.clock import Clock
from oo_desktop.http.answers import THE_SERVICE, Answer, Asked, Request

if TYPE_CHECKING:
    from oo_desktop.http.transport import Transport

REQUEST_SECONDS = 20.0
"""How long a whole request may take: of its services' own limits the known one is 15
(developer.todoist.com, "Limits")."""

MAX_BODY_BYTES = 16 * 1024 * 1024
"""The largest body taken, after decompression."""


class Http:
    """Sends requests, for all accounts. Raises nothing but NotSent and AnswerLost.

    deadline: seconds for one request, from connecting to the last byte.
    max_bytes: the largest body taken, after decompression.
    transport: stands in for the network, as httpx has it (AsyncBaseTransport); None is the network.
    environment: names the proxies; None is ours, as it is when the first request is sent.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        deadline: float = REQUEST_SECONDS,
        max_bytes: int = MAX_BODY_BYTES,
        transport: Any = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._clock = clock
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._network = transport
        self._environment = environment
        self._transport: Transport | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        asked: Asked = THE_SERVICE,
    ) -> Answer:
        """Send one request and return the answer, whatever its status.

        content: a body of any other kind than `form` and `json`.
        max_bytes: the largest body taken this time.
        asked: who is asked, for the sentence of what goes wrong.
        What only asks is repeated once where it meets a connection the server has just closed.
        Raises NotSent or AnswerLost.
        """
        transport = await self._open()
        return await transport.send(
            Request(
                method=method,
                url=url,
                params=params,
                form=form,
                json=json,
                content=content,
                headers=headers,
                max_bytes=max_bytes or self._max_bytes,
                asked=asked,
            )
        )

    async def aclose(self) -> None:
        """Close every connection. Requests after this are NotSent."""
        self._closed = True
        if self._transport is not None:
            await self._transport.aclose()

    async def _open(self) -> "Transport":
        async with self._opening:
            if self._transport is None:
                await asyncio.to_thread(_import_transport)
                from oo_desktop.http.transport import Transport

                self._transport = Transport(
                    clock=self._clock,
                    deadline=self._deadline,
                    network=self._network,
                    environment=self._environment,
                )
                if self._closed:
                    await self._transport.aclose()
            return self._transport


def _import_transport() -> None:
    from oo_desktop.http.transport import import_all

    import_all()
