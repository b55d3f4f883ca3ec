"""Opens the one door to the network: every answer bounded, every failure one of ours.

`Transport` owns the one `httpx.AsyncClient`, shared by all accounts, so nothing of one account may
stick to it: it keeps no cookies, follows no redirects and reads no netrc. httpx's own limits are
not enough: its time-out counts each read, so a body that drips can last for ever, and it decodes
whatever it is sent, so 255 KB of gzip become 256 MB. Here one deadline spans the whole request, and
a body is inflated in slices and counted while it arrives.

httpx logs whole URLs at INFO, httpcore logs headers at DEBUG, and their exceptions carry the
request and pieces of the answer: both loggers are silenced, and no exception of theirs is kept, not
even as the context of ours. One proxy that httpx cannot read keeps it from asking anything at all
(https://github.com/encode/httpx/issues/3221), so which proxy is asked is decided here, too.

This is the only module that knows httpx: another library would be a change of this file, and
another release under another name (httpx2) a change of its import.
"""

import asyncio
import functools
import importlib.util
import logging
import os
import re
import socket
import ssl
import sys
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar
from pathlib import Path

import httpx

from oo_desktop import __version__
from oo_desktop.clock import Clock
from oo_desktop.errors import KEEPS_TRYING
from oo_desktop.http.answers import (
    Answer,
    AnswerLost,
    AnswerUnusable,
    Asked,
    HostUnknown,
    NotSent,
    Request,
    Untrusted,
    bounded_wait,
)
from oo_desktop.http.proxies import Proxies, Proxy
from oo_desktop.language import translated

log = logging.getLogger(__name__)

MAX_VALIDATOR = 512
MAX_LOCATION = 4096
"""Characters of headers that are kept."""

MAX_PORT = 65_535
"""The last one there is."""

INFLATED_BYTES = 256 * 1024
"""Bytes inflated at a time, well below a millisecond of the loop."""

KEEPALIVE_SECONDS = 5.0
"""How long an idle connection is kept: less than servers do, or a POST meets one just closed."""


_ONLY_ASK = ("GET", "OPTIONS", "PROPFIND", "REPORT")
"""Methods that change nothing (RFC 9110, section 9.2.1; RFC 4918, 9.1; RFC 3253, 3.6)."""

_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([a-z0-9][a-z0-9._:+-]{0,39})""")


class Transport:
    """Is what `Http` sends with. Raises nothing but NotSent and AnswerLost.

    deadline, environment: as `Http` takes them. network: its `transport`.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        deadline: float,
        network: httpx.AsyncBaseTransport | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._clock = clock
        self._deadline = deadline
        # One that does not tell how far it got may always have sent the request.
        self._tells = network is None
        proxies = Proxies(os.environ if environment is None else environment)
        self._client = _new_client(network or _Network(proxies), deadline / 4)
        self._closed = False

    async def send(self, given: Request) -> Answer:
        """Do what `Http.request` does."""
        progress = _Progress(tells=self._tells)
        try:
            if self._closed:
                raise _Closed
            async with asyncio.timeout(self._deadline):
                request = self._client.build_request(
                    given.method,
                    given.url,
                    params=given.params,
                    data=given.form,
                    json=given.json,
                    content=given.content,
                    headers=given.headers,
                    extensions={"trace": progress},
                )
                return await self._sent(request, progress, given.max_bytes)
        except _FAILURES as error:
            failure = _failure(error, progress, given.asked)
            log.debug("%s failed: %s", given.method, type(error).__name__)
        # Raised out here so that the library's exception is not kept as the context of ours.
        raise failure

    async def aclose(self) -> None:
        """Close every connection. Requests after this are NotSent."""
        self._closed = True
        await self._client.aclose()

    async def _sent(self, request: httpx.Request, progress: "_Progress", max_bytes: int) -> Answer:
        try:
            return await self._answer(request, max_bytes)
        except (httpx.RemoteProtocolError, httpx.NetworkError):
            if request.method not in _ONLY_ASK or not progress.reused:
                raise
        return await self._answer(request, max_bytes)

    async def _answer(self, request: httpx.Request, max_bytes: int) -> Answer:
        response = await self._client.send(request, stream=True)
        try:
            body = _Body(response.headers.get("content-encoding", ""), max_bytes)
            await _read(response, body)
            kind = response.headers.get("content-type", "").lower()
            charset = _CHARSET.search(kind)
            return Answer(
                status=response.status_code,
                content_type=kind.split(";")[0].strip(),
                body=body.whole(),
                retry_after=_wait_from_header(response.headers.get("retry-after"), self._clock),
                etag=_bounded(response.headers.get("etag"), MAX_VALIDATOR),
                last_modified=_bounded(response.headers.get("last-modified"), MAX_VALIDATOR),
                location=_bounded(response.headers.get("location"), MAX_LOCATION),
                charset=charset[1] if charset else None,
                asks_password="www-authenticate" in response.headers,
                dav=_classes(response.headers.get("dav", "")),
            )
        finally:
            await response.aclose()


class _UnusableBody(Exception):
    """A body that is too large, cut short, or packed in a way nobody asked for."""


class _Body:
    """Collects a body chunk by chunk. Raises _UnusableBody as soon as it can be no use.

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
                raise _UnusableBody
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
                part = self._inflater.decompress(raw, INFLATED_BYTES)
            except zlib.error:
                raise _UnusableBody from None
            self._keep(part)
            raw = self._inflater.unconsumed_tail
            if len(part) < INFLATED_BYTES and not raw:
                return
            await asyncio.sleep(0)

    def whole(self) -> bytes:
        """Everything, after decompression, once there is no more to add."""
        if self._inflater is not None and self._raw_size and not self._inflater.eof:
            raise _UnusableBody
        return b"".join(self._parts)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit or self._raw_size > self._limit:
            raise _UnusableBody
        self._parts.append(part)


async def _read(response: httpx.Response, body: _Body) -> None:
    """Read `response` into `body`, and to some end in any case.

    Half a dozen generators, one in the other, bring each chunk. Closing the outer one does not
    close those inside it: they are left to the garbage collector, and where the loop does not look
    after generators (PEP 525), as Qt's does not, that ends in a traceback on stderr. So a body
    that is given up is read on after its connection is closed: what had arrived goes by, the read
    that would wait fails, and that ends them all from the inside, here and now.
    """
    chunks = response.aiter_raw()
    try:
        async for chunk in chunks:
            await body.add(chunk)
    finally:
        await response.aclose()
        with suppress(*_FAILURES):
            async for _ in chunks:
                pass


class _Closed(Exception):
    """The client is closed: the program is ending."""


class _BadProxy(Exception):
    """The environment names no proxy that can be used, but one that cannot."""

    def __init__(self, variable: str) -> None:
        super().__init__()
        self.variable = variable


_FAILURES = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpx.CookieConflict,
    OSError,  # TimeoutError, the deadline, is one; so is what httpcore may forget to translate
    UnicodeError,  # a host name or a header that no request can carry
    _UnusableBody,
    _Closed,
    _BadProxy,
)

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
    httpx.InvalidURL,
    _Closed,
    _BadProxy,
)


def _failure(error: Exception, progress: "_Progress", asked: Asked) -> NotSent | AnswerLost:
    if isinstance(error, _BadProxy):
        return NotSent(
            translated(
                "The proxy in {variable} cannot be used: oO needs one like http://proxy.example:3128.",
                variable=error.variable,
            )
        )
    if isinstance(error, _UnusableBody):
        return AnswerUnusable(
            translated(asked.unusable, service=asked.name),
            outlook=KEEPS_TRYING,
        )
    if _is_because_of(error, ssl.SSLCertVerificationError):
        return Untrusted(translated(asked.untrusted, service=asked.name))
    if _is_because_of(error, socket.gaierror):
        return HostUnknown(translated(asked.unreachable, service=asked.name), outlook=KEEPS_TRYING)
    if isinstance(error, _NEVER_SENT) or not progress.may_have_left:
        return NotSent(translated(asked.unreachable, service=asked.name), outlook=KEEPS_TRYING)
    return AnswerLost(translated(asked.silent, service=asked.name), outlook=KEEPS_TRYING)


def _is_because_of(error: BaseException | None, cause: type[Exception]) -> bool:
    while error is not None:
        if isinstance(error, cause):
            return True
        error = error.__cause__ or error.__context__
    return False


class _Progress:
    """How far a request got, as httpcore's `trace` extension tells it.

    may_have_left: whether a byte of the request may have been sent. An event not known to come
    before that counts as one that comes after.
    reused: whether the connection was an old one.
    """

    def __init__(self, *, tells: bool) -> None:
        self.may_have_left = not tells
        self.reused = tells

    async def __call__(self, name: str, info: Mapping[str, object]) -> None:
        if name.startswith("connection.connect"):
            self.reused = False
        if name.startswith(("connection.", "proxy.", "socks")):
            return
        # Asking a proxy for a tunnel sends nothing to the service.
        if getattr(info.get("request"), "method", None) != b"CONNECT":
            self.may_have_left = True


class _NoCookies(CookieJar):
    """Takes no cookie and gives none: the accounts that share the client must not meet in it."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Leave them where they are."""

    def add_cookie_header(self, request: object) -> None:
        """There is nothing to add."""


class _Network(httpx.AsyncBaseTransport):
    """Sends each request directly, or through the first proxy named for it that can be used.

    What the system trusts is read when the first request is to be secured: that takes 1 MB.
    """

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies
        self._reading = asyncio.Lock()
        self._trusted: ssl.SSLContext | None = None
        self._pools: dict[tuple[Proxy | None, bool], httpx.AsyncBaseTransport | None] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        pool = await self._pool_for(request.url)
        return await pool.handle_async_request(request)

    async def aclose(self) -> None:
        for pool in self._pools.values():
            if pool is not None:
                await pool.aclose()

    async def _pool_for(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        named = self._proxies.asked_for(url.scheme, url.raw_host.decode("ascii"), url.port)
        candidates: Sequence[Proxy | None] = named or [None]
        for proxy in candidates:
            scheme = "" if proxy is None else proxy.url.partition(":")[0].lower()
            secured = "https" in (url.scheme, scheme)
            context = await self._context() if secured else _NO_TLS
            if (proxy, secured) not in self._pools:
                self._pools[proxy, secured] = _pool_through(proxy, context)
            pool = self._pools[proxy, secured]
            if pool is not None:
                return pool
        raise _BadProxy(named[0].variable)

    async def _context(self) -> ssl.SSLContext:
        """Reading the certificates takes 20 ms and more: too long for the loop."""
        async with self._reading:
            if self._trusted is None:
                self._trusted = await asyncio.to_thread(_tls_context)
            return self._trusted


_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: for pools in which nothing is secured."""


def _pool_through(proxy: Proxy | None, context: ssl.SSLContext) -> httpx.AsyncBaseTransport | None:
    """None for one that cannot be used. Why is not told: the reason may hold its password."""
    if proxy is None:
        return _pool(context)
    try:
        url = httpx.URL(proxy.url)
        if not re.fullmatch(rb"[a-z0-9_.:-]+", url.raw_host) or (url.port or 0) > MAX_PORT:
            return None
        secured = context if url.scheme == "https" else None
        return _pool(context, httpx.Proxy(url, ssl_context=secured))
    except (ValueError, ImportError, httpx.InvalidURL):
        return None


def _pool(context: ssl.SSLContext, proxy: httpx.Proxy | None = None) -> httpx.AsyncBaseTransport:
    limits = httpx.Limits(
        max_connections=20, max_keepalive_connections=4, keepalive_expiry=KEEPALIVE_SECONDS
    )
    return httpx.AsyncHTTPTransport(verify=context, limits=limits, proxy=proxy)


def import_all() -> None:
    """Import what httpx would in its first request: 20 ms, for which the loop would stand still.

    Not to be called on a running loop.
    """
    import anyio

    httpx.AsyncHTTPTransport(verify=_NO_TLS)  # brings httpcore
    anyio.run(anyio.sleep, 0)  # brings the half of anyio that is for asyncio


def _new_client(transport: httpx.AsyncBaseTransport, patience: float) -> httpx.AsyncClient:
    """patience: seconds for each of the steps of connecting."""
    _spare_searches()
    for name in (httpx.__name__, httpx.__name__.replace("httpx", "httpcore")):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        transport=transport,
        cookies=_NoCookies(),
        follow_redirects=False,
        trust_env=False,  # no netrc, and no proxies but those `_Network` goes through
        # Connecting ends well within the deadline, so that it is known as what it is.
        timeout=httpx.Timeout(None, connect=patience, pool=patience),
        headers={
            "User-Agent": f"oO-desktop/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        },
    )


def _spare_searches() -> None:
    """Say once that there is no sniffio, if so: httpcore would search the disk for it several times
    a request (https://github.com/encode/httpcore/pull/1103)."""
    if importlib.util.find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]  # what `import` takes for absent


@functools.cache
def _tls_context() -> ssl.SSLContext:
    """One for the process: trusts what the system trusts, or certifi where the system has none."""
    context = ssl.create_default_context()
    # OpenSSL reads a folder of certificates only when it needs one: such a store counts as 0 here.
    folder = Path(ssl.get_default_verify_paths().capath or "/nonexistent")
    has_folder = folder.is_dir() and any(folder.iterdir())
    if not context.cert_store_stats()["x509_ca"] and not has_folder:
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _classes(text: str) -> frozenset[str]:
    """The compliance classes in a DAV header."""
    return frozenset(each.strip().lower() for each in text[:MAX_VALIDATOR].split(","))


def _bounded(value: str | None, longest: int) -> str | None:
    """`value` if it is one that can be sent back in a header."""
    if value is None or len(value) > longest or not (value.isascii() and value.isprintable()):
        return None
    return value


def _wait_from_header(value: str | None, clock: Clock) -> float | None:
    """Seconds from Retry-After, which is a number or an HTTP date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", value):
        return bounded_wait(float(value))
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return bounded_wait(max(0.0, (moment - clock.now()).total_seconds()))
