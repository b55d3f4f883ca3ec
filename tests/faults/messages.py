"""Tell where HTTP/1.1 messages begin and end (RFC 9112, section 6), and nothing else of them."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """Is a request or an answer: its first line, its body without framing, and all its bytes."""

    first: str
    body: bytes
    raw: bytes


async def read_message(reader: asyncio.StreamReader, *, answers: str | None = None) -> Message:
    """Return the next message; `answers` is the first line of the request it answers.

    Raises EOFError where the connection ends before it does.
    """
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = {}
    for line in lines[1:-2]:
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip()
    first = lines[0]
    if answers is not None and (answers.startswith("HEAD ") or first.split(" ")[1] in _BODILESS):
        return Message(first, b"", head)
    if fields.get("transfer-encoding", "").lower() == "chunked":
        body, raw = await _chunks(reader)
        return Message(first, body, head + raw)
    if "content-length" in fields:
        body = await reader.readexactly(int(fields["content-length"]))
    else:
        body = b"" if answers is None else await reader.read()
    return Message(first, body, head + body)


_BODILESS = ("204", "304")


async def _chunks(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    body, raw = b"", b""
    while True:
        size = await reader.readuntil(b"\r\n")
        length = int(size.split(b";")[0], 16)
        part = await reader.readexactly(length + 2) if length else b""
        body, raw = body + part[:-2], raw + size + part
        if not length:
            while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
                raw += line
            return body, raw + b"\r\n"
