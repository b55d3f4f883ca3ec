"""Works out what the clicks on their way make of the lists, anew only where something changed.

There may be 1,000 of them, after days offline, and every click, every poll and every answer of a
service changes a few.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from msgspec import Struct

from oo_desktop.agenda.placement import Placement
from oo_desktop.model.clicks import OutboxItem, is_same_occurrence, is_standing, seen_after
from oo_desktop.model.signals import AccountKey, AnySignal, SignalId, SignalKey


class _Effect(Struct, frozen=True, gc=False):
    """What is seen of one signal. `waits`: it is shown, and a click on it is on its way."""

    clicks: Sequence[OutboxItem]
    listed: AnySignal | None
    seen: AnySignal | None
    waits: bool


class ClickEffects:
    """Holds what the clicks on their way change, as they were last followed."""

    def __init__(self) -> None:
        self._outbox: tuple[OutboxItem, ...] = ()
        self._standing: Mapping[SignalKey, list[OutboxItem]] = {}
        self._keys: dict[int, tuple[OutboxItem, SignalKey]] = {}
        self._effects: dict[SignalKey, _Effect] = {}
        self._changed: dict[AccountKey, dict[SignalId, AnySignal | None]] = {}
        self._moments: dict[AccountKey, list[datetime]] = {}

    def changed(self, account: AccountKey) -> Mapping[SignalId, AnySignal | None]:
        """Return what is not shown just as it is listed.

        That is how those are shown that wait for the service, which may be as they are listed;
        None: not at all.
        """
        return self._changed.get(account, {})

    def moments(self, account: AccountKey) -> Sequence[datetime]:
        """Return when something about those that are shown changes, or did; in order."""
        return self._moments.get(account, ())

    def follow(
        self, outbox: tuple[OutboxItem, ...], placed: Mapping[AccountKey, Placement]
    ) -> None:
        """Work out what `outbox` changes of what is `placed`."""
        if outbox != self._outbox:
            self._outbox, self._standing = outbox, self._standing_of(outbox)
        self._effects = {
            key: self._effect_of(key, clicks, placed[key.account].get(key.id))
            for key, clicks in self._standing.items()
            if key.account in placed
        }
        self._changed, self._moments = {}, {}
        for (account, id_), found in self._effects.items():
            if found.waits or found.seen is not found.listed:
                self._changed.setdefault(account, {})[id_] = found.seen
                if found.seen is not None:
                    moments = placed[account].moments_of(found.seen)
                    self._moments.setdefault(account, []).extend(moments)
        for moments_of_account in self._moments.values():
            moments_of_account.sort()

    def _standing_of(self, outbox: Iterable[OutboxItem]) -> dict[SignalKey, list[OutboxItem]]:
        """See `model.state.standing_clicks`; making a key costs more than all the rest of it."""
        before, self._keys = self._keys, {}
        standing: dict[SignalKey, list[OutboxItem]] = {}
        for item in sorted(filter(is_standing, outbox), key=attrgetter("number")):
            known = before.get(item.number)
            key = known[1] if known is not None and known[0] is item else item.key
            self._keys[item.number] = (item, key)
            standing.setdefault(key, []).append(item)
        return standing

    def _effect_of(
        self, key: SignalKey, clicks: Sequence[OutboxItem], listed: AnySignal | None
    ) -> _Effect:
        before = self._effects.get(key)
        if before is not None and before.listed is listed and before.clicks == clicks:
            return before
        seen = seen_after(clicks, listed)
        waits = seen is not None and (
            seen is not listed or any(is_same_occurrence(click.signal, seen) for click in clicks)
        )
        return _Effect(clicks, listed, seen, waits)
