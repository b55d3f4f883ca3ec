"""Run oO several times on one disk: closed as a person does it, or killed."""

import shutil
from pathlib import Path
from random import Random

from oo_desktop.config import Settings
from oo_desktop.connectors.registry import Registry
from oo_desktop.engine import Engine
from oo_desktop.folders import Folders
from tests.faults.swift import SwiftClock


class MemoryVault:
    """Is a keyring without threads, which a swift loop could not wait for."""

    name = "memory"

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], str] = {}

    async def get(self, service: str, username: str) -> str | None:
        return self._entries.get((service, username))

    async def set(self, service: str, username: str, value: str) -> None:
        self._entries[service, username] = value

    async def delete(self, service: str, username: str) -> None:
        self._entries.pop((service, username), None)


class Life:
    """Runs one oO after the other, each on what the one before left on the disk."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        clock: SwiftClock,
        random: Random,
        registry: Registry | None = None,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._random = random
        self._registry = registry
        self._vault = MemoryVault()
        self.runs = 0

    def open(self) -> None:
        self.runs += 1
        home = self._home
        folders = Folders(home, home, home / "run")
        folders.create()
        self.engine = Engine(
            folders=folders,
            settings=self._settings,
            keyring=self._vault,
            clock=self._clock,
            open_browser=_no_browser,
            registry=self._registry,
        )
        # Their jitter, too, is the seed's, so that a storm can be told again.
        self.engine.aggregator._random.seed(self._random.random())
        self.engine.outbox._delivery._random.seed(self._random.random())
        self.engine.load()
        self.engine.start()

    async def crash(self) -> None:
        """End it as a kill would: the next one finds the file as it is now."""
        before, engine = self._home, self.engine
        self.runs += 1
        self._home.mkdir(parents=True)
        for name in ("oo.db", "oo.db-wal"):
            if (before / name).exists():
                shutil.copyfile(before / name, self._home / name)
        self.runs -= 1
        await engine.stop()
        self.open()

    async def restart(self) -> None:
        """End it as a person does, and start the next one."""
        before = self._home
        await self.engine.stop()
        self.runs += 1
        before.rename(self._home)
        self.runs -= 1
        self.open()

    @property
    def _home(self) -> Path:
        return self._folder / f"run-{self.runs}"


async def _no_browser(_url: str) -> bool:
    return False
