"""A name server on the loopback: real UDP and TCP, dnspython for what is on the wire."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns.resolver import Resolver

PATIENCE_SECONDS = 1.0
"""How long the tests wait for a server that says nothing."""


class NameServer(asyncio.DatagramProtocol):
    """Answers by `records`: texts of rdata by (name, type). asked: the questions, in their order.

    raw: sent instead of an answer, whatever was asked; empty: nothing is.
    truncates: whether all there is to say comes over TCP.
    """

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.asked: list[tuple[str, str]] = []
        self.raw: bytes | None = None
        self.truncates = False
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    def serve(self, domain: str, *servers: str, path: str | None = None) -> None:
        """Let `domain` name `servers`, each as "priority weight port target"."""
        name = f"_caldavs._tcp.{domain}."
        self.records[name, "SRV"] = list(servers)
        if path is not None:
            self.records[name, "TXT"] = [f'"path={path}"']

    def resolver(self) -> Resolver:
        """Return what asks this server and no other."""
        resolver = Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = self.port
        resolver.lifetime = PATIENCE_SECONDS
        return resolver

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["NameServer"]:
        """Listen on a port of the loopback, the same one for both protocols."""
        loop = asyncio.get_running_loop()
        stream = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = stream.sockets[0].getsockname()[1]
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", self.port)
        )
        self._transport = transport
        try:
            yield self
        finally:
            transport.close()
            stream.close()
            await stream.wait_closed()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answer(data, truncated=self.truncates)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2))
        answer = self._answer(await reader.readexactly(length))
        if answer is not None:
            writer.write(len(answer).to_bytes(2) + answer)
        writer.close()

    def _answer(self, data: bytes, *, truncated: bool = False) -> bytes | None:
        query = dns.message.from_wire(data)
        (question,) = query.question
        kind = question.rdtype.name
        self.asked.append((question.name.to_text(), kind))
        if self.raw is not None:
            return self.raw or None
        message = dns.message.make_response(query)
        found = self.records.get((question.name.to_text(), kind))
        if found is None:
            message.set_rcode(dns.rcode.NXDOMAIN)
        elif truncated:
            message.flags |= dns.flags.TC
        else:
            message.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, found))
        return message.to_wire(max_size=65_535)
