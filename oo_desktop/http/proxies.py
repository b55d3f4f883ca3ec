"""Reads which proxy a request goes through: the environment's, as people have it.

HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY have no standard, and what desktops, companies and
containers write into them is more than any one library takes: `[::1]`, `fe80::/10`, `host:port`, a
name with an umlaut. What can be read here is used and the rest left out, so that an odd entry costs
at most itself. Names are read as `urllib.request.getproxies_environment` reads them.
"""

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from msgspec import Struct

DEFAULT_PORTS = {"http": 80, "https": 443}


class Proxy(Struct, frozen=True):
    """Holds one variable's proxy.

    variable: the name it has in the environment.
    url: where the proxy is; may hold its password, and may be one that cannot be used.
    """

    variable: str
    url: str

    def __repr__(self) -> str:
        return f"Proxy({self.variable})"


class Proxies:
    """Chooses the proxies for an address. Takes any environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._schemes = {
            scheme: [proxy for kind in (scheme, "all") if (proxy := _proxy(kind, environment))]
            for scheme in DEFAULT_PORTS
        }
        no_proxy = _variable("no", environment)
        entries = re.split(r"[,;\s]+", environment[no_proxy]) if no_proxy else []
        self._is_off = "*" in entries
        self._bypasses = [entry for text in entries if (entry := _bypass(text))]

    def asked_for(self, scheme: str, host: str, port: int | None = None) -> list[Proxy]:
        """Return the proxies to try for an address, best first; none where it is asked directly.

        What is on this machine is always asked directly.

        host: in ASCII, an IPv6 address without brackets.
        port: None is the scheme's own.
        """
        host = host.lower().rstrip(".")
        address = _address(host)
        if self._is_off or _is_this_machine(host, address):
            return []
        if port is None:
            port = DEFAULT_PORTS.get(scheme)
        if any(entry.covers(scheme, host, address, port) for entry in self._bypasses):
            return []
        return self._schemes.get(scheme, [])


def _variable(kind: str, environment: Mapping[str, str]) -> str | None:
    """The name of the variable that counts: lower case first, even where it is empty."""
    lower = f"{kind}_proxy"
    name = lower if lower in environment else lower.upper()
    if name == "HTTP_PROXY" and "REQUEST_METHOD" in environment:
        return None  # in a CGI script it is a header of the request (CVE-2016-1000110)
    return name if environment.get(name, "").strip() else None


def _proxy(kind: str, environment: Mapping[str, str]) -> Proxy | None:
    variable = _variable(kind, environment)
    if variable is None:
        return None
    url = environment[variable].strip()
    return Proxy(variable, url if "://" in url else f"http://{url}")


class _Bypass(Struct, frozen=True):
    """An entry of NO_PROXY.

    scheme, port: None where it is for any.
    network: where it names addresses; else `name` counts, with all below it.
    """

    scheme: str | None
    name: str
    network: IPv4Network | IPv6Network | None
    port: int | None

    def covers(
        self, scheme: str, host: str, address: IPv4Address | IPv6Address | None, port: int | None
    ) -> bool:
        if self.scheme not in (None, scheme) or self.port not in (None, port):
            return False
        if self.network is not None:
            return address is not None and address in self.network
        return host == self.name or (address is None and host.endswith(f".{self.name}"))


def _bypass(text: str) -> _Bypass | None:
    """Read `[scheme://]host[:port]`, the host being a name, an address or a network."""
    scheme, _, rest = text.rpartition("://")
    host, port = rest.rstrip("/") if scheme else rest, None
    network = _network(host)
    if network is None and (match := re.fullmatch(r"(.*):([0-9]{1,5})", host)):
        host, port = match[1], int(match[2])
        network = _network(host)
    name = _ascii(host.lstrip("*.").rstrip("."))
    if network is None and not re.fullmatch(r"[a-z0-9_.-]+", name):
        return None
    return _Bypass(scheme.lower() or None, name, network, port)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    """Read an address or a network; that of IPv6 may be in brackets."""
    with suppress(ValueError):
        return ip_network(re.sub(r"^\[(.*)\](?=/|$)", r"\1", text), strict=False)
    return None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    with suppress(ValueError):
        address = ip_address(host)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return mapped or address
    return None


def _is_this_machine(host: str, address: IPv4Address | IPv6Address | None) -> bool:
    """As `addresses.is_loopback`, with all below `localhost` (RFC 6761, section 6.3)."""
    if address is not None:
        return address.is_loopback or address.is_unspecified
    return host == "localhost" or host.endswith(".localhost")


def _ascii(name: str) -> str:
    """A name as DNS has it. Letters that have it already stay as they are (RFC 5891, 4.4)."""
    labels = unicodedata.normalize("NFC", name).lower().split(".")
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in labels
    )
