"""The body of an answer: inflated in slices and counted while it arrives.

Left to itself a decoder inflates whatever it is sent: 255 KB of gzip become 256 MB.
"""

import asyncio
import zlib

SLICE = 256 * 1024
"""Bytes inflated at a time, well below a millisecond of the loop."""


class Unusable(Exception):
    """A body that is too large, cut short, or packed in a way nobody asked for."""


class Body:
    """Collects a body chunk by chunk. Raises Unusable as soon as it can be no use.

    encoding: the answer's Content-Encoding; empty when there was none.
    limit: bytes, before decompression and after.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        match encoding.strip().lower():
            case "" | "identity":
                self._inflater = None
            case "gzip" | "x-gzip":
                self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
            case _:
                raise Unusable
        self._limit = limit
        self._size = 0
        self._raw_size = 0
        self._parts: list[bytes] = []

    async def add(self, raw: bytes) -> None:
        """Take the next chunk as it arrived. The loop gets its turn between two slices."""
        self._raw_size += len(raw)
        if self._inflater is None:
            self._keep(raw)
            return
        while True:
            try:
                part = self._inflater.decompress(raw, SLICE)
            except zlib.error:
                raise Unusable from None
            self._keep(part)
            raw = self._inflater.unconsumed_tail
            if len(part) < SLICE and not raw:
                return
            await asyncio.sleep(0)

    def whole(self) -> bytes:
        """Everything, after decompression, once there is no more to add."""
        if self._inflater is not None and self._raw_size and not self._inflater.eof:
            raise Unusable
        return b"".join(self._parts)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit or self._raw_size > self._limit:
            raise Unusable
        self._parts.append(part)
