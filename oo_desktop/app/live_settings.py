"""Keeps the settings that count equal to config.toml, whoever changes it.

What the file says is read at the start, when somebody saved it (`config_watch` tells), and when oO
itself has written it. A mistake in it never ends anything: it is told, and what counted before goes
on counting; at the start these are the defaults.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from oo_desktop.config import Mistake, Settings, line_of, settings_from_text, text_of
from oo_desktop.config_file import write_setting
from oo_desktop.connectors.registry import (
    BUILT_IN,
    CONNECTOR_SETTINGS,
    given_section,
    usable_settings,
)
from oo_desktop.errors import ConfigError
from oo_desktop.language import translated
from oo_desktop.model.settings import (
    SETTINGS,
    CurrentSetting,
    Setting,
    Value,
    setting_named,
    value_from_words,
)
from oo_desktop.threads import to_thread_shielded

log = logging.getLogger(__name__)

ALL = (*SETTINGS, *CONNECTOR_SETTINGS)

_SECTIONS = frozenset(point.name for point in BUILT_IN)


class LiveSettings:
    """Holds the settings that count.

    path: of config.toml. apply: is given them whenever they are others.
    told: called when other mistakes are in the file than before, or none any more.
    """

    def __init__(
        self,
        path: Path,
        *,
        apply: Callable[[Settings], object],
        told: Callable[[], object] = lambda: None,
    ) -> None:
        self._path = path
        self._apply = apply
        self._told = told
        self._turn = asyncio.Lock()
        self.settings = Settings(origin=str(path))
        self.mistakes: tuple[str, ...] = ()

    def read(self) -> None:
        """Take in what the file says now."""
        before = self.settings
        try:
            text = text_of(self._path)
        except ConfigError as error:
            self._tell((str(error),))
            return
        settings, found = self._judged(text)
        self.settings = settings
        if settings != before:
            self._apply(settings)
        self._tell(tuple(_sentence(mistake, text) for mistake in found))

    async def change(self, name: str, words: str) -> CurrentSetting:
        """Write the setting `name` into the file; it counts when this returns.

        Returns what it is then. Raises ConfigError, in a sentence for whoever asked.
        """
        setting = setting_named(name, ALL)
        value = value_from_words(setting, words)

        def check(text: str) -> None:
            for mistake in self._judged(text)[1]:
                if mistake.key == name:
                    raise ConfigError(mistake.why, key=name)

        async with self._turn:
            await to_thread_shielded(write_setting, self._path, name, value, check=check)
        self.read()
        return CurrentSetting(setting, self._value(setting))

    def values(self) -> tuple[CurrentSetting, ...]:
        """Return every setting with the value that counts."""
        return tuple(CurrentSetting(setting, self._value(setting)) for setting in ALL)

    def _judged(self, text: str) -> tuple[Settings, tuple[Mistake, ...]]:
        before = self.settings
        read, mistakes = settings_from_text(text, origin=str(self._path), before=before)
        settings, more = usable_settings(read, before=before)
        return settings, (*mistakes, *more)

    def _value(self, setting: Setting) -> Value:
        section, _, key = setting.name.rpartition(".")
        if section in _SECTIONS:
            found: Value = given_section(section, self.settings).get(key, setting.default)  # type: ignore[assignment]  # it was judged
            return found
        return _attribute(self.settings, setting.name)

    def _tell(self, mistakes: tuple[str, ...]) -> None:
        if mistakes == self.mistakes:
            return
        for mistake in mistakes:
            if mistake not in self.mistakes:
                log.warning("%s", mistake)
        self.mistakes = mistakes
        self._told()


def _attribute(settings: Settings, name: str) -> Value:
    found: object = settings
    for part in name.split("."):
        found = getattr(found, part)
    if not isinstance(found, Value):
        raise TypeError(name)
    return found


def _sentence(mistake: Mistake, text: str) -> str:
    line = line_of(text, mistake.key) if mistake.key else None
    if line is None:
        return translated("config.toml: {mistake}", mistake=mistake.why)
    return translated("config.toml, line {line}: {mistake}", line=line, mistake=mistake.why)
