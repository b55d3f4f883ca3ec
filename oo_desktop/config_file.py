"""Changes single values in config.toml, and leaves all else as it was.

A file that a person writes has comments and an order of its own, which reading it as TOML and
writing it anew would lose. tomlkit keeps them; what it makes is believed only when it parses to the
same settings with that one changed. It is imported when something is first written.
"""

import logging
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oo_desktop.config import text_of
from oo_desktop.errors import ConfigError
from oo_desktop.files import FileChanged, content_of, replace_file
from oo_desktop.language import translated
from oo_desktop.model.settings import Value

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

log = logging.getLogger(__name__)

_BOM = "\ufeff"

MAX_TRIES = 3
"""Of a change, where somebody else writes the file at the same time."""


def write_setting(
    path: Path, name: str, value: Value | None, *, check: Callable[[str], object]
) -> None:
    """Give the setting `name` this value in the file, which is made where there is none.

    Returns when it is on the disk. Raises ConfigError where that cannot be done; the file is then
    as it was.

    value: None: takes it out, so that the default counts.
    check: is given what the file is about to hold; what it raises ends it.
    """
    for _ in range(MAX_TRIES):
        try:
            text_of(path)  # a file, and of a size to be read
            before = content_of(path)
            after = with_setting(before or b"", name, value)
            check(after.decode("utf-8-sig"))
            if after != (before or b""):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_file(path, after, before=before)
        except FileChanged:
            continue
        except OSError as error:
            raise ConfigError(
                translated("oO cannot write {path}: {reason}.", path=path, reason=error.strerror)
            ) from error
        return
    raise ConfigError(
        translated("Another program keeps changing {path}. Try again in a moment.", path=path)
    )


def with_setting(raw: bytes, name: str, value: Value | None) -> bytes:
    """Return `raw` with this value for `name`, which is `key` or `section.key`; None: without one.

    Raises ConfigError for what is no TOML, and for what would not stay as it is otherwise.
    """
    text = raw.decode("utf-8")
    bom, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    names = name.split(".")
    wanted = _parsed(text)
    if wanted is None:
        raise ConfigError(
            translated("config.toml has a mistake in it. Mend that first; nothing was changed.")
        )
    in_the_way = ConfigError(
        translated(
            "{name} cannot be changed from here, as config.toml is written. Change it by hand.",
            name=name,
        )
    )
    if value is None and not _has(wanted, names):
        return raw
    if not _put(wanted, names, value):
        raise in_the_way
    changed = bom + _rewritten(text, names, value)
    if _parsed(changed.removeprefix(_BOM)) != wanted:
        raise in_the_way
    return changed.encode("utf-8")


def forget_secret(path: Path, *, section: str, key: str, secret: str) -> bool:
    """Empty `section.key` in the file if it holds `secret`; whether it holds it no more.

    The file is replaced in one step; its rights stay, and so does a link that leads to it.
    """
    try:
        before = content_of(path)
        if before is None:
            return True
        after = without_secret(before, section=section, key=key, secret=secret)
        if after is None:
            log.info("%s: %s.%s could not be taken out", path, section, key)
            return False
        if after != before:
            replace_file(path, after, before=before)
            log.info("%s: %s.%s is kept in the keyring now", path, section, key)
    except OSError as error:
        log.info("%s: %s.%s stays there (%s)", path, section, key, type(error).__name__)
        return False
    return True


def without_secret(raw: bytes, *, section: str, key: str, secret: str) -> bytes | None:
    """Return `raw` with an empty string in place of the secret; None where that is not safe."""
    try:
        found = _parsed(raw.decode("utf-8-sig"))
        inner = None if found is None else found.get(section)
        if not isinstance(inner, dict) or inner.get(key) != secret:
            return raw  # it is not there, or something else is by now
        return with_setting(raw, f"{section}.{key}", "")
    except (UnicodeDecodeError, ConfigError):
        return None


def _has(found: Any, names: list[str]) -> bool:
    for name in names:
        if not isinstance(found, dict) or name not in found:
            return False
        found = found[name]
    return True


def _put(into: Any, names: list[str], value: Value | None) -> bool:
    """Change the parsed file; whether a section of that name takes it."""
    *sections, key = names
    for section in sections:
        into = into.setdefault(section, {})
        if not isinstance(into, dict):
            return False
    if value is None:
        into.pop(key, None)
    else:
        into[key] = value
    return True


def _rewritten(text: str, names: list[str], value: Value | None) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        if tomlkit.dumps(document) != text:  # 0.15 moves the parts of an array of tables together
            return ""
        _change(document, names, value)
        return tomlkit.dumps(document)
    except (TOMLKitError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""  # it is not what is wanted, then


def _change(document: "TOMLDocument", names: list[str], value: Value | None) -> None:
    import tomlkit

    *sections, key = names
    table: Any = document
    for section in sections:
        if section not in table:
            table[section] = tomlkit.table()
        table = table[section]
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, OverflowError, RecursionError):
        return None
