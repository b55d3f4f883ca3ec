from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.journeys.story import Story


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[SandboxProcess]:
    """One process for all stories; each begins with everything as it was at first."""
    with SandboxProcess(zone="Etc/UTC") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: SandboxProcess) -> SandboxProcess:
    running_sandbox.control("reset", apps=True)
    return running_sandbox


@pytest.fixture
async def story(tmp_path: Path, sandbox: SandboxProcess) -> AsyncIterator[Story]:
    """An oO that was just started for the first time."""
    story = Story(tmp_path / "home", sandbox)
    await story.open()
    yield story
    await story.close()
