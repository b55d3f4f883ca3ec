import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from oo_desktop.connectors.desktop.bus import DesktopBus
from tests.connectors.desktop.service import EdsStandIn
from tests.desktop.session import BUS_SETTINGS


class OwnBus:
    """Is a message bus that starts no service by itself."""

    def __init__(self, folder: Path) -> None:
        self.address = f"unix:path={folder}/bus"
        self._settings = folder / "bus.conf"
        services = folder / "services"
        services.mkdir(exist_ok=True)
        self._settings.write_text(BUS_SETTINGS.format(socket=folder / "bus", services=services))
        self._daemon: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        self._daemon = subprocess.Popen(
            ["dbus-daemon", f"--config-file={self._settings}", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._daemon.stdout is not None
        self._daemon.stdout.readline()

    def stop(self) -> None:
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait(timeout=5)
            assert self._daemon.stdout is not None
            self._daemon.stdout.close()
            self._daemon = None


@pytest.fixture
def own_bus(tmp_path: Path) -> Iterator[OwnBus]:
    bus = OwnBus(tmp_path)
    yield bus
    bus.stop()


@pytest.fixture
async def bus(own_bus: OwnBus) -> AsyncIterator[DesktopBus]:
    bus = DesktopBus(own_bus.address)
    yield bus
    await bus.aclose()


@pytest.fixture
async def eds(own_bus: OwnBus) -> AsyncIterator[EdsStandIn]:
    """The stand-in, running, without a list."""
    eds = EdsStandIn(own_bus.address)
    await eds.start()
    yield eds
    await eds.stop()
    await asyncio.sleep(0)
