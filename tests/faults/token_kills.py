"""Renew in real processes that are killed at any moment, or that are two."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.server import serving
from tests.faults.cutter import Cut, Heard, Kind, cutting
from tests.faults.token_process import vault
from tests.faults.tokens import Issuer, Outcome
from tests.integrations.rotating import integration

ROOT = Path(__file__).parents[2]
STALL = 0.15
"""Seconds the answer is on its way, so that a kill finds oO waiting for it."""


class TokenProcess:
    """Is a child that waits to be told to renew."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, folder: Path, url: str) -> "TokenProcess":
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.token_process", str(folder), url),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        return cls(process)

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")

    async def said(self) -> dict[str, str]:
        out, _ = await self._process.communicate()
        said: dict[str, str] = json.loads(out)
        return said

    async def kill_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()


@asynccontextmanager
async def expired_account(folder: Path, outcome: Outcome) -> AsyncIterator[tuple[Issuer, str]]:
    """Prepare an account whose hour is over, and the way to its service, which takes a while.

    Yields the service, and where processes reach it.
    """
    issuer = Issuer(SandboxClock(), outcome)

    def slowly(_heard: Heard) -> Cut:
        return Cut(kind=Kind.STALL, acted=True, seconds=STALL)

    async with serving(issuer.world) as url, cutting(url, issuer.noting(slowly)) as cutter:
        kept, database = vault(folder)
        over = issuer.world.clock.now() - timedelta(seconds=1)
        tokens = msgspec.structs.replace(issuer.sign_in(), expires_at=over)
        await kept.connect(integration(client_id=issuer.client_id), tokens)
        database.close()
        issuer.grants.expire_access()
        yield issuer, cutter.url


async def killed_once(folder: Path, random: Random) -> list[str]:
    """Kill a renewal at some moment and start again at once; returns what was wrong."""
    outcome = Outcome(seed=0)
    async with expired_account(folder, outcome) as (issuer, url):
        first, second = await asyncio.gather(
            TokenProcess.start(folder, url), TokenProcess.start(folder, url)
        )
        first.go()
        await first.kill_after(random.uniform(0, 2 * STALL + 0.1))
        second.go()
        said = await second.said()
        if not issuer.honours(said.get("access", "")):
            outcome.violations.append(f"lost after a kill: {said}")
        if issuer.grants.refreshes != 1:
            outcome.violations.append(f"{issuer.grants.refreshes} renewals")
    return outcome.violations


async def two_at_once(folder: Path) -> tuple[int, list[str]]:
    """Run two processes on one home; return how many renewals there were, and what each got."""
    async with expired_account(folder, Outcome(seed=0)) as (issuer, url):
        both = await asyncio.gather(
            TokenProcess.start(folder, url), TokenProcess.start(folder, url)
        )
        for one in both:
            one.go()
        said = await asyncio.gather(*(one.said() for one in both))
        return issuer.grants.refreshes, [one.get("access", "") for one in said]
