"""Ask DNS which servers a domain has for its calendars (RFC 6764: SRV and TXT records).

Only `_caldavs._tcp` is asked for, whose servers speak TLS: what `_caldav._tcp` names would be sent
a password in the clear. Nothing here is proven to be the domain's (there is no DNSSEC on most
machines), so a server of another domain is only ever named to the person (section 8).

The standard library cannot ask for such records. dnspython can: its import takes 0.2 seconds and an
answer of 48 KB 0.4, so all of it runs in a thread. That thread ends by itself, in time.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dns.rdtypes.IN.SRV import SRV
    from dns.rdtypes.txtbase import TXTBase
    from dns.resolver import Resolver

MAX_SERVERS = 3
"""How many of a domain's servers are returned: those that it wants to be asked first."""

MAX_RECORDS = 32
"""A domain with more is taken for broken."""

MAX_PATH = 300

QUESTION_SECONDS = 4.0
"""How long one question may take, however many of the machine's servers are asked."""

_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,62}[a-z0-9])?"
    r"(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*"
)
_PATH = re.compile(rb"/(?!/)[!-~]*")


class NamedServer(NamedTuple):
    """Holds where a domain says that its calendars are. path: where to begin; None: not said."""

    host: str
    port: int
    path: str | None


class NotOffered(Exception):
    """Says that a domain says that it has no calendars (RFC 2782: the target is the root)."""


ServersOfDomain = Callable[[str], Awaitable[tuple[NamedServer, ...]]]
"""See `servers_of_domain`."""


def system_resolver() -> "Resolver":
    """Return what asks the name servers of this machine. Raises DNSException where it has none."""
    from dns.resolver import Resolver

    resolver = Resolver()
    resolver.lifetime = QUESTION_SECONDS
    return resolver


async def servers_of_domain(
    domain: str, *, resolver: Callable[[], "Resolver"] = system_resolver
) -> tuple[NamedServer, ...]:
    """Return the servers for the calendars of `domain`, the one to be asked first in front.

    None where it names none, and where nobody answers. Raises NotOffered.

    domain: in ASCII.
    """
    return await asyncio.to_thread(_servers, domain, resolver)


def is_within(host: str, domain: str) -> bool:
    """Return whether `host` belongs to `domain` (RFC 6764, section 8)."""
    return host == domain or host.endswith(f".{domain}")


def _servers(domain: str, resolver: Callable[[], "Resolver"]) -> tuple[NamedServer, ...]:
    from dns.exception import DNSException

    name = f"_caldavs._tcp.{domain}."
    try:
        asks = resolver()
        targets = _targets(name, asks)
    except DNSException:
        return ()
    try:
        path = _path(name, asks) if targets else None
    except DNSException:
        path = None
    return tuple(NamedServer(host, port, path) for host, port in targets)


def _targets(name: str, resolver: "Resolver") -> tuple[tuple[str, int], ...]:
    found = resolver.resolve(name, "SRV").rrset
    if found is None or len(found) > MAX_RECORDS:
        return ()
    records: list[SRV] = found.processing_order()  # type: ignore[assignment]  # it asked for SRV
    if [record.target.to_text() for record in records] == ["."]:
        raise NotOffered
    targets = (
        (record.target.to_text(omit_final_dot=True).lower(), record.port) for record in records
    )
    return tuple(each for each in targets if _HOST.fullmatch(each[0]) and each[1])[:MAX_SERVERS]


def _path(name: str, resolver: "Resolver") -> str | None:
    """The first "path" there is: keys are told apart without regard to case (RFC 6763, 6.4)."""
    found = resolver.resolve(name, "TXT").rrset
    if found is None or len(found) > MAX_RECORDS:
        return None
    records: list[TXTBase] = list(found)
    for record in records:
        for text in record.strings:
            key, _, value = text.partition(b"=")
            if key.lower() == b"path" and _PATH.fullmatch(value) and len(value) <= MAX_PATH:
                return value.decode()
    return None
