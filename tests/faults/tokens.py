"""Refresh tokens that rotate, in a network that is cut, with one or two oO that are killed.

The real renewal over real sockets to the sandbox's token endpoint, which follows the service's
rules: a renewal uses its refresh token up, the same one again is forgiven for 60 s, and after that
ends everything. The laws:

- No refresh token is sent later than those 60 s after it was used up.
- Nobody is asked to reconnect while there is a way on: the refresh token that is kept was never on
  its way, or was only for as long as a repetition is forgiven.
- Nothing is renewed that is still good: two at once make one renewal.

A 500 counts as "not done" here, as it does for oO (`oauth.refresh`): if every overload could mean
that the token is used up, each would sign everybody out.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import parse_qs

import msgspec

from oo_desktop.errors import AuthRequired, OoError, StoreError, Unavailable, VaultError
from oo_desktop.http.client import Http
from oo_desktop.http.requests import REQUEST_SECONDS
from oo_desktop.integrations.tokens import (
    EXPIRY_MARGIN_SECONDS,
    REPEAT_GRACE_SECONDS,
    AccountTokens,
)
from oo_desktop.integrations.vault import Tokens, TokenVault
from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.world import World
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from tests.faults.cutter import PASS, Cut, Cutter, Heard, Kind, Passed, Plan
from tests.faults.person import Say
from tests.faults.service import StillServer
from tests.faults.swift import SwiftClock, play_swiftly
from tests.faults.token_process import renewal
from tests.integrations.rotating import KEY, integration

FORGIVEN = timedelta(seconds=60)
SOON = timedelta(seconds=EXPIRY_MARGIN_SECONDS + REQUEST_SECONDS)
"""What an access token may have left when it is renewed: oO counts from when it asked for it."""

REDIRECT = "http://localhost:8771/callback"


@dataclass(kw_only=True)
class Outcome:
    """Holds what one schedule came to."""

    seed: int
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Issuer:
    """Gives tokens out as the service does, and watches what is sent to it."""

    def __init__(self, clock: SandboxClock, outcome: Outcome) -> None:
        self.world = World(clock=clock)
        self.grants = self.world.todoist.grants
        self._outcome = outcome
        self.heard_at: dict[str, datetime] = {}
        self.kept: Tokens | None = None
        metadata = {
            "redirect_uris": [REDIRECT],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
        }
        self._client = self.world.todoist.sign_in.client_from_metadata(metadata)
        self.grants.clients[self._client.id] = self._client

    @property
    def client_id(self) -> str:
        return self._client.id

    def sign_in(self) -> Tokens:
        """What a new sign-in brings."""
        code = self.grants.consent(
            client=self._client,
            user_id=next(iter(self.world.todoist.state.accounts)),
            redirect_uri=REDIRECT,
            scope=tuple(self._client.scope),
        )
        said = self.grants.exchange(self._client, code=code, redirect_uri=REDIRECT)
        return Tokens(
            access=said["access_token"],
            refresh=said["refresh_token"],
            expires_at=self.world.clock.now() + timedelta(seconds=said["expires_in"]),
        )

    def honours(self, access: str) -> bool:
        return self.grants.token(access) is not None

    def noting(self, plan: Plan) -> Plan:
        def noted(heard: Heard) -> Cut:
            token = _refresh_token(heard)
            if token is not None:
                self.heard_at.setdefault(token, self.world.clock.now())
            return plan(heard)

        return noted

    def forwarded(self, passed: Passed) -> None:
        """Judge, before the service gets it, whether it may be sent at all."""
        found = self.grants.refresh_tokens.get(_refresh_token(passed.heard) or "")
        if found is None:
            return
        now = self.world.clock.now()
        if found.consumed_at is not None and now - found.consumed_at > FORGIVEN:
            late = (now - found.consumed_at).total_seconds()
            self._outcome.violations.append(f"replayed {late:.1f} s after it was used up")
        kept = self.kept
        live = self.grants.token(kept.access) if kept else None
        left = live.expires_at - now if live else timedelta()
        if kept and kept.refresh == found.value and left > SOON:
            self._outcome.violations.append(f"renewed with {left} left")

    def reconnect_is_right(self, kept: Tokens | None) -> bool:
        """Return whether there was nothing oO could still have done with what it has."""
        if kept is None or kept.refresh is None:
            return True
        heard_at = self.heard_at.get(kept.refresh)
        return heard_at is not None and self.world.clock.now() - heard_at >= timedelta(
            seconds=REPEAT_GRACE_SECONDS
        )


def _refresh_token(heard: Heard) -> str | None:
    return parse_qs(heard.body.decode()).get("refresh_token", [None])[0]


class SlowVault:
    """Is the one keyring of all runs. It takes its time, in which a run may be killed."""

    name = "slow"

    def __init__(self, entries: dict[str, str], clock: SwiftClock) -> None:
        self._entries = entries
        self._clock = clock
        self.cut_off = False

    async def get(self, service: str, username: str) -> str | None:
        await self._pause()
        return self._entries.get(service)

    async def set(self, service: str, username: str, value: str) -> None:
        await self._pause()
        self._entries[service] = value

    async def delete(self, service: str, username: str) -> None:
        await self._pause()
        self._entries.pop(service, None)

    async def _pause(self) -> None:
        await self._clock.sleep(0.05)
        if self.cut_off:
            raise VaultError("this run was killed")


class Run:
    """Is one running oO, as far as tokens go."""

    def __init__(
        self, folder: Path, url: str, entries: dict[str, str], clock: SwiftClock, grace: float
    ) -> None:
        self._database = Database(folder / "oo.db")
        self._keyring = SlowVault(entries, clock)
        self._http = Http(clock=clock)
        self.vault = TokenVault(
            integrations=IntegrationStore(self._database), keyring=self._keyring, clock=clock
        )
        self.tokens = AccountTokens(
            key=KEY,
            vault=self.vault,
            refresh=renewal(self._http, url),
            lock_folder=folder,
            clock=clock,
            grace=grace,
        )

    async def close(self) -> None:
        await self.tokens.aclose()
        await self._http.aclose()
        self._database.close()

    async def kill(self) -> None:
        """End it: from now on it writes nothing and sends nothing."""
        self._keyring.cut_off = True
        self._database.close()
        ended = [task for task in (self.tokens._repeating, self.tokens._renewing) if task]
        for task in ended:
            task.cancel()
        await self._http.aclose()
        await asyncio.gather(*ended, return_exceptions=True)
        self.tokens._lock.release()  # what the system does when a process is gone


class Schedule:
    """Plays one seed's story of an account."""

    def __init__(self, seed: int, folder: Path, say: Say, grace: float) -> None:
        self._grace = grace
        self.outcome = Outcome(seed=seed)
        self._folder = folder
        self._clock = SwiftClock()
        self._say: Say = lambda text: say(f"{self._clock.monotonic():9.1f} {text}")
        self._steps = Random(f"{seed} steps")
        self._weather = Random(f"{seed} weather")
        self._chance = 0.0
        self._entries: dict[str, str] = {}
        self._issuer = Issuer(SandboxClock(self._clock.now), self.outcome)
        self._runs: list[Run] = []
        self._asking: set[asyncio.Task[None]] = set()

    async def play(self) -> Outcome:
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: self.outcome.violations.append(f"left over: {context}")
        )
        async with self._served() as url:
            self._url = url
            self._start()
            await self._reconnect()
            for _ in range(self._steps.randint(10, 40)):
                await self._step()
            self._chance = 0.0
            self._say("the network is mended")
            await self._clock.sleep(1)
            await self._ask(self._runs[0])
            await self._settle()
            for run in self._runs:
                await run.close()
        counts = self.outcome.counts
        counts["renewals"] = self._issuer.grants.refreshes
        return self.outcome

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[str]:
        async with StillServer.serving(self._issuer.world) as url:
            cutter = Cutter(
                url,
                self._issuer.noting(self._plan),
                clock=self._clock,
                on_forward=self._forwarded,
            )
            await cutter.start()
            yield cutter.url
            await cutter.stop()
            self.outcome.counts["cuts"] = cutter.cuts
            self.outcome.counts["requests"] = len(cutter.passed)

    def _forwarded(self, passed: Passed) -> None:
        self._issuer.kept = self._kept()
        self._issuer.forwarded(passed)

    def _plan(self, _heard: Heard) -> Cut:
        if self._weather.random() >= self._chance:
            return PASS
        kind = self._weather.choice(list(Kind)[1:])
        return Cut(
            kind=kind,
            acted=self._weather.random() < 0.5 and kind is not Kind.ERROR,
            seconds=self._weather.choice((1, 10, 19, 21, 30, 60)),
            closes=self._weather.random() < 0.3,
            fraction=self._weather.choice((0.0, 0.5, 0.9)),
        )

    # What happens

    async def _step(self) -> None:
        steps = {
            self._ask_some: 10,
            self._wait: 8,
            self._turn: 3,
            self._expire: 2,
            self._kill: 3,
            self._two: 1,
        }
        (step,) = self._steps.choices(list(steps), list(steps.values()))
        await step()

    async def _ask_some(self) -> None:
        """One asks, or all at once; nobody waits for the answer."""
        for run in self._runs if self._steps.random() < 0.5 else self._runs[:1]:
            task = asyncio.ensure_future(self._ask(run))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        await self._clock.sleep(self._steps.choice((0, 0.01, 0.06, 0.12, 1, 30)))

    async def _ask(self, run: Run) -> None:
        self.outcome.counts["asked"] += 1
        try:
            access = await run.tokens.access_token()
            if not self._issuer.honours(access):
                access = await run.tokens.renewed(access)
        except AuthRequired as error:
            if run in self._runs:
                await self._asked_to_reconnect(str(error))
        except (Unavailable, VaultError):
            self.outcome.counts["not now"] += 1
        except OoError:
            if run in self._runs:
                raise

    async def _wait(self) -> None:
        seconds = self._steps.choice((1, 5, 20, 54, 56, 61, 300, 3541, 3600, 7200))
        self._say(f"wait {seconds} s")
        await self._clock.sleep(seconds)

    async def _turn(self) -> None:
        self._chance = self._steps.choice((0.3, 0.6, 0.9))
        self._say(f"the network loses {self._chance:.0%}")

    async def _expire(self) -> None:
        self._say("the service ends every access token")
        self._issuer.grants.expire_access()

    async def _kill(self) -> None:
        self._say("killed")
        self.outcome.counts["kills"] += 1
        killed = self._runs.pop(0)
        await killed.kill()
        self._start()

    async def _two(self) -> None:
        if len(self._runs) < 2:
            self._say("a second oO")
            self._start()

    async def _asked_to_reconnect(self, reason: str) -> None:
        kept = self._kept()
        self._say(f"asked to reconnect: {reason}")
        if not self._issuer.reconnect_is_right(kept):
            self.outcome.violations.append(f"asked to reconnect without need: {reason}")
        self.outcome.counts["reconnects"] += 1
        found = self._issuer.grants.refresh_tokens.get((kept.refresh if kept else "") or "")
        if found and not found.grant.revoked and found.consumed_at is None:
            self.outcome.counts["given up unknowing"] += 1
        for run in self._runs[1:]:
            await run.kill()
        del self._runs[1:]
        await self._reconnect()

    # Within

    def _start(self) -> None:
        self._runs.append(Run(self._folder, self._url, self._entries, self._clock, self._grace))

    async def _reconnect(self) -> None:
        """The person signs in, however often oO is killed meanwhile."""
        account = integration(client_id=self._issuer.client_id)
        while True:
            run = self._runs[0]
            try:
                await run.vault.connect(account, self._issuer.sign_in())
            except (VaultError, StoreError):
                if run in self._runs:
                    raise
            else:
                return

    async def _settle(self) -> None:
        if self._asking:
            await asyncio.wait(self._asking)

    def _kept(self) -> Tokens | None:
        for value in self._entries.values():
            return msgspec.json.decode(value, type=Tokens)
        return None


def schedule(
    seed: int, *, say: Say = lambda _text: None, grace: float = REPEAT_GRACE_SECONDS
) -> Outcome:
    """Play one schedule in a loop of its own.

    grace: for how long oO repeats a renewal; another than its own plants a fault.
    """

    async def play(folder: Path) -> Outcome:
        return await Schedule(seed, folder, say, grace).play()

    return play_swiftly(play)
