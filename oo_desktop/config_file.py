"""Takes a secret out of config.toml once it is kept elsewhere, and leaves all else as it was.

A file that a person writes has comments and an order of its own, which reading it as TOML and
writing it anew would lose. So the text is searched for the value, and the result is believed only
when it parses to the same settings without that one.
"""

import logging
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_BOM = "\ufeff"
_VALUE = re.compile(
    r'=[ \t]*(?P<value>"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\r\n]|\\.)*"|\'[^\'\r\n]*\')',
    re.DOTALL,
)
"""A key's equals sign and the string after it, in each of TOML's four forms. It also finds what
only looks like that, inside comments and other strings."""


def forget_secret(path: Path, *, section: str, key: str, secret: str) -> bool:
    """Empty `section.key` in the file if it holds `secret`; whether it holds it no more.

    The file is replaced in one step; its rights stay, and so does a link that leads to it.
    """
    try:
        real = path.resolve()
        before = real.read_bytes()
        after = without_secret(before, section=section, key=key, secret=secret)
        if after is None:
            log.info("%s: %s.%s could not be taken out", path, section, key)
            return False
        if after != before:
            _replace(real, before, after)
            log.info("%s: %s.%s is kept in the keyring now", path, section, key)
    except FileNotFoundError:
        return True
    except OSError as error:
        log.info("%s: %s.%s stays there (%s)", path, section, key, type(error).__name__)
        return False
    return True


def without_secret(raw: bytes, *, section: str, key: str, secret: str) -> bytes | None:
    """Return `raw` with an empty string in place of the secret; None where that is not safe."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    wanted = _parsed(text)
    inner = None if wanted is None else wanted.get(section)
    if not isinstance(inner, dict) or inner.get(key) != secret:
        return raw  # it is not there, or something else is by now
    inner[key] = ""
    for changed in _candidates(text, secret):
        if _parsed(changed) == wanted:
            return changed.encode("utf-8")
    return None


def _candidates(text: str, secret: str) -> Iterator[str]:
    at = 0
    while match := _VALUE.search(text, at):
        at = match.start() + 1
        start, end = match.span("value")
        with suppress(tomllib.TOMLDecodeError):
            if tomllib.loads("value = " + match["value"])["value"] == secret:
                yield f'{text[:start]}""{text[end:]}'


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text.removeprefix(_BOM))
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        return None


def _replace(path: Path, before: bytes, after: bytes) -> None:
    """Put `after` in place of the file. Raises OSError, also when it was changed meanwhile."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, temporary)
        if path.read_bytes() != before:
            raise OSError("the file was changed meanwhile")
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
