"""Makes one object of what signals of an account have in common.

Each signal that is decoded has texts of its own for whose it is, for its project, for what can be
asked of it and for when it is due: a third of its memory, and there may be 100,000.
"""

from collections.abc import Sequence
from typing import TypeVar, cast

from msgspec import structs

from oo_desktop.model.signals import AccountKey, ActionKind, AnySignal, Event

T = TypeVar("T")


class SharedParts:
    """Remembers the parts of signals; to be dropped when all are read.

    account: whose they are. known: signals that were read before; looked at if there is one more.
    """

    def __init__(self, account: AccountKey, known: Sequence[AnySignal] = ()) -> None:
        self._known = known
        self._parts: dict[object, object] = {text: text for text in account}
        # By themselves: an action equals its name, and a label may have that as well.
        self._actions: dict[tuple[ActionKind, ...], tuple[ActionKind, ...]] = {}

    def of(self, signal: AnySignal) -> AnySignal:
        """Return `signal` with the parts of signals before it that equal its own."""
        known, self._known = self._known, ()
        for each in known:
            self._one(each.container)
            self._actions.setdefault(each.actions, each.actions)
        one = self._one
        if isinstance(signal, Event):
            return structs.replace(
                signal,
                source=one(signal.source),
                user_id=one(signal.user_id),
                container=one(signal.container),
                actions=self._actions.setdefault(signal.actions, signal.actions),
                join_url=one(signal.join_url),
                where=one(signal.where),
                reminders=one(signal.reminders),
            )
        return structs.replace(
            signal,
            source=one(signal.source),
            user_id=one(signal.user_id),
            container=one(signal.container),
            actions=self._actions.setdefault(signal.actions, signal.actions),
            undo=one(signal.undo),
            due=one(signal.due),
            labels=one(signal.labels),
            reminders=one(signal.reminders),
        )

    def _one(self, part: T) -> T:
        return cast("T", self._parts.setdefault(part, part))
