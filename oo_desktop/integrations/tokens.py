"""Renew an account's access token when it must be, and never twice at once.

Some services replace the refresh token with every renewal, and take its second use, a minute later,
for theft: they end every sign-in of that account (RFC 9700, 4.14.2). What is done about it:

1. One renewal at a time, in this process (a shared task) and among processes (a lock file).
2. With the lock held the keyring is read again: another process may have renewed already.
3. That a renewal is sent is written down first, and what it brings is in the keyring before it is
   used. While it cannot be stored it is kept here, with the lock, and each call tries to store it.
4. A renewal whose answer was lost is sent again only within `grace` of the first time, and by
   itself, because only then can it still be answered. Later it is never sent again. So is one that
   met a server error, for a gateway may not know; but that one goes out again later, too.
5. A token is renewed shortly before it expires, and when the service refuses it. A wall clock that
   jumps makes it "maybe expired": the monotonic clock is asked too, and the earlier one counts.
6. What is still valid is used for as long as it is, whatever happens to its renewal.

Only the service's final word (`invalid_grant`, an unknown client), a keyring that can be read and
has no entry, and rule 4 ask the user to reconnect; everything else is "not now". A client of the
user's own that the service refuses is neither: it is to be mended there, and then oO carries on.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from oo_desktop.clock import Clock
from oo_desktop.errors import (
    AuthRequired,
    OoError,
    SignInError,
    SourceError,
    StoreError,
    Unavailable,
    VaultError,
)
from oo_desktop.http.client import AnswerLost
from oo_desktop.integrations.vault import Tokens, TokenVault
from oo_desktop.language import translated, untranslated
from oo_desktop.locks import try_lock
from oo_desktop.model.integrations import SentRefresh
from oo_desktop.model.signals import AccountKey
from oo_desktop.oauth.messages import (
    ClientRefused,
    GrantRefused,
    Misconfigured,
    TokenAnswer,
)

log = logging.getLogger(__name__)

EXPIRY_MARGIN_SECONDS = 60.0
"""How long before its expiry a token is renewed (as services' own clients do).

At most half of its whole life: one that lives for a minute is used, too.
"""

REPEAT_GRACE_SECONDS = 55.0
"""How long a renewal may be repeated. The strictest service known forgives 60 s for it; five are
for the way there."""

REPEAT_PAUSE_SECONDS = 5.0
"""Seconds between the repetitions of a renewal whose answer was lost."""

LOCK_POLL_SECONDS = 0.1
"""Time between two looks at a lock that another process holds."""

SIGN_IN_GONE = untranslated("oO’s sign-in is no longer in your keyring. Reconnect to carry on.")
SIGN_IN_ENDED = untranslated("This sign-in has ended and cannot be renewed. Reconnect to carry on.")
PASSWORD_REFUSED = untranslated(
    "The server no longer accepts the password that oO has. Reconnect to carry on."
)
RENEWAL_LOST = untranslated(
    "The answer to oO’s last renewal was lost, and asking for it again could end your sign-in "
    "elsewhere too. Reconnect to carry on."
)

SendRefresh = Callable[[str, str], Awaitable[TokenAnswer]]
"""(client id, refresh token) → the answer; raises as `oauth.refresh` does."""


class _Unsaved(NamedTuple):
    tokens: Tokens
    replaces: Tokens


class AccountTokens:
    """Gives out and renews the tokens of one account. Used from the loop's thread.

    refresh: asks the service for new tokens.
    lock_folder: where the processes of this user meet.
    rotates: whether each renewal replaces the refresh token. If not, an answer without one means
        that the old one stays, and a lost answer costs nothing.
    ended: says why the service ends a sign-in of that age, where that tells.
    lasting: what to say once a sign-in that is never renewed is refused.
    grace: seconds in which a renewal may be repeated.
    lock_deadline: seconds to wait for another process that renews.
    """

    def __init__(
        self,
        *,
        key: AccountKey,
        vault: TokenVault,
        refresh: SendRefresh,
        lock_folder: Path,
        clock: Clock,
        rotates: bool = True,
        ended: Callable[[timedelta], str | None] = lambda _age: None,
        lasting: str = SIGN_IN_ENDED,
        grace: float = REPEAT_GRACE_SECONDS,
        lock_deadline: float = 30.0,
    ) -> None:
        self._key = key
        self._vault = vault
        self._refresh = refresh
        self._lock = AccountLock(lock_folder, key, clock=clock, deadline=lock_deadline)
        self._clock = clock
        self._rotates = rotates
        self._ended_because = ended
        self._lasting = lasting
        self._grace = grace
        self._renewing: asyncio.Task[Tokens] | None = None
        self._repeating: asyncio.Task[None] | None = None
        self._unsaved: _Unsaved | None = None
        self._sent: tuple[SentRefresh, float] | None = None
        # Of which generation a renewal first met a server error, and when (monotonic).
        self._doubted: tuple[int, float] | None = None
        self._watched: tuple[Tokens, float] | None = None
        self._checked = False

    async def access_token(self) -> str:
        """Return a token to send, renewed where it must be.

        Raises AuthRequired where only a reconnect helps, Misconfigured, Unavailable, VaultError or
        StoreError.
        """
        tokens = await self._stored()
        if (
            self._unsaved is None
            and self._lasts(tokens, EXPIRY_MARGIN_SECONDS)
            and not self._was_interrupted(tokens)
        ):
            return tokens.access
        try:
            return (await self._renewal(tokens.access)).access
        except GrantRefused:
            raise
        except (AuthRequired, Misconfigured, Unavailable, VaultError):
            if self._unsaved is None and self._lasts(tokens, 0):
                return tokens.access
            raise

    async def renewed(self, refused: str) -> str:
        """Return another token than `refused`. Raises as `access_token` does."""
        tokens = await self._stored()
        for _ in range(2):  # a renewal under way may have begun for an older token than `refused`
            if self._unsaved is None and tokens.access != refused and self._lasts(tokens, 0):
                break
            tokens = await self._renewal(refused)
        return tokens.access

    async def aclose(self) -> None:
        """Wait for a renewal under way, and keep what it brought."""
        if self._repeating is not None:
            self._repeating.cancel()
        if self._renewing is not None:
            await asyncio.wait({self._renewing})
        if self._unsaved is not None:
            with suppress(OoError):
                await self._save()
        self._lock.release()

    # What is known

    async def _stored(self, *, fresh: bool = False) -> Tokens:
        tokens = await self._vault.tokens(self._key, fresh=fresh)
        if tokens is None:
            raise AuthRequired(translated(SIGN_IN_GONE))
        return tokens

    def _lasts(self, tokens: Tokens, margin: float) -> bool:
        """Whether the access token can be used for more than `margin` seconds, by both clocks."""
        if not tokens.access:
            return False
        if tokens.expires_at is None:
            return True
        if tokens.lifetime is not None:
            margin = min(margin, tokens.lifetime / 2)
        left = (tokens.expires_at - self._clock.now()).total_seconds()
        monotonic = self._clock.monotonic()
        if self._watched is None or self._watched[0] != tokens:
            self._watched = (tokens, monotonic + left)
        return margin < left and margin < self._watched[1] - monotonic

    def _was_interrupted(self, tokens: Tokens) -> bool:
        """Whether an earlier run of oO sent a renewal, got no answer, and may still repeat it."""
        if self._checked or not self._rotates:
            return False
        self._checked = True
        sent = self._vault.refresh_sent(self._key)
        return sent is not None and sent.generation == tokens.generation and self._repeatable(sent)

    def _repeatable(self, sent: SentRefresh) -> bool:
        """Whether the service still forgives a repetition; a clock that jumped says no."""
        elapsed = (self._clock.now() - sent.sent_at).total_seconds()
        by_monotonic = 0.0
        if self._sent is not None and self._sent[0] == sent:
            by_monotonic = self._clock.monotonic() - self._sent[1]
        return 0 <= elapsed < self._grace and by_monotonic < self._grace

    # Renewing

    async def _renewal(self, refused: str) -> Tokens:
        """Share the renewal under way, or begin one; to stop waiting does not stop it."""
        if self._renewing is None:
            self._renewing = asyncio.get_running_loop().create_task(self._renew(refused))
            self._renewing.add_done_callback(lambda task: self._ended(task, refused))
        return await asyncio.shield(self._renewing)

    def _ended(self, task: "asyncio.Task[Tokens]", refused: str) -> None:
        self._renewing = None
        error = None if task.cancelled() else task.exception()
        lost = self._sent is not None and self._repeatable(self._sent[0])
        if isinstance(error, Unavailable) and (lost or self._is_in_doubt()):
            self._repeating = task.get_loop().create_task(self._repeat(refused))

    async def _repeat(self, refused: str) -> None:
        await self._clock.sleep(REPEAT_PAUSE_SECONDS)
        with suppress(OoError):  # whoever asks next is told
            await self._renewal(refused)

    async def _renew(self, refused: str) -> Tokens:
        await self._lock.acquire()
        try:
            if self._unsaved is None:
                tokens = await self._stored(fresh=True)
                if tokens.access != refused and self._lasts(tokens, 0):
                    return tokens
                answered = await self._ask(tokens)
                if answered is None:
                    return await self._stored()
                self._unsaved = _Unsaved(answered, tokens)
            return await self._save_surely()
        finally:
            if self._unsaved is None:
                self._lock.release()

    async def _ask(self, tokens: Tokens) -> Tokens | None:
        """What `tokens` become; None when another process has renewed them already."""
        integration = self._vault.integration(self._key)
        if tokens.refresh is None or integration is None:
            raise AuthRequired(translated(self._lasting))
        first = self._note_sending(tokens)
        asked_at = self._clock.now()
        try:
            answer = await self._refresh(integration.client_id, tokens.refresh)
        except AnswerLost:
            log.info("%s/%s: the answer to a renewal was lost", *self._key)
            raise
        except (SourceError, SignInError) as error:
            if first:
                self._sent = None
                self._vault.set_refresh_sent(self._key, None)
            self._doubt(tokens, error)
            if not isinstance(error, GrantRefused | ClientRefused):
                raise
            if (await self._stored(fresh=True)).generation != tokens.generation:
                return None
            raise GrantRefused(self._why_ended(tokens) or str(error)) from None
        self._sent = None
        log.info("%s/%s: renewed", *self._key)
        return self._renewed_from(answer, tokens, asked_at)

    def _doubt(self, tokens: Tokens, error: Exception) -> None:
        """A server error mostly means that nothing was done, but a gateway may just not know."""
        may_be_done = isinstance(error, Unavailable) and error.reached and not error.limited
        if may_be_done and (self._doubted is None or self._doubted[0] != tokens.generation):
            self._doubted = (tokens.generation, self._clock.monotonic())

    def _is_in_doubt(self) -> bool:
        return (
            self._rotates
            and self._doubted is not None
            and self._clock.monotonic() - self._doubted[1] < self._grace
        )

    def _why_ended(self, tokens: Tokens) -> str | None:
        if tokens.granted_at is None:
            return None
        return self._ended_because(self._clock.now() - tokens.granted_at)

    def _note_sending(self, tokens: Tokens) -> bool:
        """Write down that a renewal is sent; return whether it is for the first time.

        Raises AuthRequired where it must not be sent again.
        """
        if not self._rotates:
            return False
        sent = self._vault.refresh_sent(self._key)
        if sent is None or sent.generation < tokens.generation:
            sent = SentRefresh(tokens.generation, self._clock.now())
            self._vault.set_refresh_sent(self._key, sent)
            self._sent = (sent, self._clock.monotonic())
            return True
        if sent.generation > tokens.generation or not self._repeatable(sent):
            raise AuthRequired(translated(RENEWAL_LOST))
        if self._sent is None:  # sent by an earlier run of oO
            elapsed = (self._clock.now() - sent.sent_at).total_seconds()
            self._sent = (sent, self._clock.monotonic() - elapsed)
        return False

    def _renewed_from(self, answer: TokenAnswer, old: Tokens, asked_at: datetime) -> Tokens:
        refresh = answer.refresh_token
        if refresh is None and not self._rotates:
            refresh = old.refresh
        expires_in = answer.expires_in
        return Tokens(
            access=answer.access_token,
            refresh=refresh,
            expires_at=None if expires_in is None else asked_at + timedelta(seconds=expires_in),
            lifetime=expires_in,
            generation=old.generation + 1,
            granted_at=old.granted_at,
        )

    async def _save_surely(self) -> Tokens:
        try:
            return await self._save()
        except asyncio.CancelledError:  # the loop is closing, and the old token is spent
            if self._unsaved is not None:
                await self._save()
            raise

    async def _save(self) -> Tokens:
        """Store what was brought. Raises VaultError, and then it is still unsaved."""
        if self._unsaved is None:
            return await self._stored()
        tokens, replaces = self._unsaved
        if tokens.refresh is None:
            # A repeated renewal: if another process got the whole answer, that one is kept.
            await self._vault.tokens(self._key, fresh=True)
        kept = await self._vault.store_tokens(self._key, tokens, replaces=replaces)
        self._unsaved = None
        return tokens if kept else await self._stored()


class AccountLock:
    """Lets one process at a time renew an account's tokens.

    oO runs once, but a second one may be started for another folder, by another version, or by a
    test, and two processes that use up the same refresh token end every sign-in of the account.
    The lock is given back by the system when its owner dies, however it dies; so there is nothing
    to clean up, and the file itself stays (deleting it would let two owners in).

    deadline: seconds to wait for another process.
    """

    def __init__(
        self, folder: Path, key: AccountKey, *, clock: Clock, deadline: float = 30.0
    ) -> None:
        digest = hashlib.sha256("\0".join(key).encode()).hexdigest()[:16]
        self._path = folder / f"renewal-{digest}.lock"
        self._clock = clock
        self._deadline = deadline
        self._descriptor: int | None = None

    async def acquire(self) -> None:
        """Wait for the lock; return at once where it is held already.

        Raises Unavailable when another process keeps it, StoreError when there can be none.
        """
        end = self._clock.monotonic() + self._deadline
        while not self._held():
            if self._clock.monotonic() >= end:
                raise Unavailable(
                    translated("Another oO is busy renewing this sign-in. oO tries again soon.")
                )
            await self._clock.sleep(LOCK_POLL_SECONDS)

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _held(self) -> bool:
        if self._descriptor is not None:
            return True
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(
                translated(
                    "{folder} cannot be written to ({reason}). Check its permissions.",
                    folder=self._path.parent,
                    reason=error.strerror,
                )
            ) from None
        if not try_lock(descriptor):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True
