"""In any order of losses, crashes and locked keyrings nothing is replayed or lost needlessly."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from oo_desktop.errors import AuthRequired, Unavailable, VaultError
from oo_desktop.integrations.tokens import RENEWAL_LOST
from tests.integrations.rotating import KEY, KeyringLocked, Life, Network, until

SECONDS = strategies.sampled_from([1.0, 20.0, 54.0, 61.0, 3541.0, 3600.0, 3600.0, 90000.0])
# Without a server error over what was done: a minute later nobody could know of it.
KNOWABLE = [network for network in Network if network is not Network.BUSY_AFTERWARDS]
NETWORKS = strategies.sampled_from([*KNOWABLE, Network.OK, Network.OK, Network.ANSWER_LOST])


class AccountOverTime(RuleBasedStateMachine):
    """oO polls one account of a rotating service, while everything around it fails at will."""

    @initialize()
    def connect(self) -> None:
        self._runner = asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory()
        self.life = Life(Path(self._folder.name))
        self.signed_out = False
        self._runner.run(self.life.connect())

    @rule(
        seconds=SECONDS,
        asleep=strategies.booleans(),
        network=NETWORKS,
        locked=strategies.sampled_from([False, False, False, True]),
    )
    def oo_polls(self, seconds: float, asleep: bool, network: Network, locked: bool) -> None:
        self._runner.run(self._poll_after(seconds, asleep=asleep, network=network, locked=locked))

    async def _poll_after(
        self, seconds: float, *, asleep: bool, network: Network, locked: bool
    ) -> None:
        if asleep:
            self.life.sleep(seconds)
        else:
            await self.life.clock.advance(seconds)
            await self._settled()
        self.life.service.network = network
        self.life.keyring.error = KeyringLocked() if locked else None
        await self._poll()

    # Set back by so much that no sleep makes up for it: that would need a clock that outlives oO.
    @rule(seconds=strategies.sampled_from([-3e7, 40.0, 7200.0]))
    def the_clock_is_set(self, seconds: float) -> None:
        self.life.clock.jump(seconds)

    @precondition(lambda self: self.life.tokens._unsaved is None)  # that dies with the process
    @rule()
    def the_program_is_killed_and_started(self) -> None:
        self.life.restart()

    async def _poll(self) -> None:
        life = self.life
        try:
            access = await life.tokens.access_token()
            if not life.service.honours(access):
                access = await life.tokens.renewed(access)
                assert life.service.honours(access)
        except (Unavailable, VaultError):
            pass
        except AuthRequired as error:
            await self._check_sign_out(str(error))
        await self._settled()

    async def _settled(self) -> None:
        await until(lambda: self.life.tokens._renewing is None)

    async def _check_sign_out(self, reason: str) -> None:
        self.signed_out = True
        if reason == RENEWAL_LOST:  # oO cannot know whether the lost request had arrived
            assert self.life.vault.refresh_sent(KEY) is not None
            return
        kept = await self.life.kept()
        assert kept is not None
        assert not self.life.service.forgives(kept.refresh)

    @precondition(lambda self: self.signed_out)
    @rule()
    def the_user_reconnects(self) -> None:
        self.life.keyring.error = None
        self._runner.run(self.life.connect())
        self.life.tokens._lock.release()
        self.life.tokens = self.life.account_tokens()
        self.signed_out = False

    @invariant()
    def nothing_was_replayed(self) -> None:
        assert not self.life.service.replayed

    def teardown(self) -> None:
        if hasattr(self, "life"):
            self._runner.run(self.life.tokens.aclose())
            self._runner.close()
            self.life.stop()
            self._folder.cleanup()


AccountOverTime.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAccountOverTime = AccountOverTime.TestCase
