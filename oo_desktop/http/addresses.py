"""Judges addresses that people write: which of them oO sends anything to."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from oo_desktop.errors import ConfigError


def check_url(url: str, key: str) -> None:
    """Raise ConfigError, naming `key`, for what oO asks nothing of."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"{key} is not a URL.") from error
    # urlsplit() silently drops some of these characters, and other readers of the URL would not.
    odd = any(char.isspace() or not char.isprintable() or char == "\\" for char in url)
    if odd or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(f"{key} must be a plain https URL, without a name, “?” or “#” in it.")
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return
    raise ConfigError(f"{key} must use https: http is for addresses on this machine only.")


def is_loopback(host: str) -> bool:
    """Return whether `host` can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def as_folder(url: str) -> str:
    """Return `url` with one slash at its end, so that paths can be put after it."""
    return url.rstrip("/") + "/"
