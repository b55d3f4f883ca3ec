"""States the contract between oO and a connector."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from msgspec import Struct

from oo_desktop.errors import SourceError
from oo_desktop.model.signals import (
    ActionKind,
    AnySignal,
    Calendar,
    Due,
    NewTask,
    ProviderId,
    SignalId,
    TaskList,
    UserId,
)

__all__ = [
    "ActingSource",
    "Action",
    "Added",
    "AddingSource",
    "Asked",
    "BatchSource",
    "Calendar",
    "ComparingSource",
    "Identity",
    "SignalSource",
    "Snapshot",
    "TellingSource",
    "fetched_again",
]


class Snapshot(Struct, frozen=True, kw_only=True):
    """Holds what one account shows at one moment.

    signals: all of them, in the service's own order among equals.
    zone: the account's IANA time zone, which decides when its midnight is; None: the machine's.
    calendars: those the account has, in the service's order; empty where there are none to choose.
    unread: how many signals are missing because they could not be read.
    lists: those that a new task can go to, the service's own choice first; None: not known.
    made_of: what the signals were made of, for `ComparingSource`. Nobody else looks into it, and it
        ends with oO.
    """

    signals: tuple[AnySignal, ...]
    zone: str | None = None
    calendars: tuple[Calendar, ...] = ()
    unread: int = 0
    lists: tuple[TaskList, ...] | None = None
    made_of: object = None


class Identity(Struct, frozen=True):
    """Tells whose account it is.

    label: what its owner would recognise: an e-mail address or name. zone: its IANA zone, if known.
    """

    user_id: UserId
    label: str
    zone: str | None = None


class Action(Struct, frozen=True, kw_only=True):
    """Tells what the user asked for, as it was written down at the click.

    uuid: made at the click and kept with it, so that sending it twice is harmless.
    undo: the signal's `undo` as it was when clicked; what REOPEN and RESTORE put back.
    recurring: whether the signal recurred when clicked.
    due: where a reschedule moves the signal (None: no date), decided at the click, for "tomorrow"
        must not change its meaning while oO is offline; of a RESTORE, what it takes back.
    may_be_done: an earlier attempt may have reached the service, its answer was lost.
    insists: the user was told that the signal was changed elsewhere, and tries again: whatever its
        date is now, this is meant.
    """

    kind: ActionKind
    uuid: str
    undo: str | None = None
    recurring: bool = False
    due: Due | None = None
    may_be_done: bool = False
    insists: bool = False


class Added(Struct, frozen=True, kw_only=True):
    """Tells what became of a new task.

    id: as the service lists it from now on; None: it has the task, and does not say which it is.
    """

    id: SignalId | None


class Asked(NamedTuple):
    """Asks for one action on one signal of an account."""

    signal_id: SignalId
    action: Action


@runtime_checkable
class SignalSource(Protocol):
    """Reads one service. One object serves all accounts of its provider.

    Obligations of an implementation:

    - It raises nothing but `SourceError` and `VaultError`; the HTTP client it is given already does
      the translating. Anything else is treated as a bug of the connector and isolated.
    - It keeps no state it cannot lose, blocks the loop for less than 5 ms at a time, and can be
      cancelled at any await.
    - Every signal it returns carries its own `id` as `source` and the `user_id` it was asked for.
    - It never logs or raises what a service answered, and never sees a token.
    """

    @property
    def id(self) -> ProviderId:
        """Return which provider it reads."""
        ...

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        """Return everything the account shows now, all pages, or raise: never a part of it."""
        ...


@runtime_checkable
class ComparingSource(SignalSource, Protocol):
    """Finds out that a list is still the same, before signals are made of it."""

    async def fetch_again(self, user_id: UserId, known: Snapshot) -> Snapshot:
        """Return what `fetch_signals` would; its signals are `known.signals` itself where it is
        made of what that was made of.

        known: what is shown of the account. Its `made_of` is what this source gave it, or one made
            with other settings did; None: something else, such as the store.

        Whatever the signals depend on is in `made_of`: all that the service said, as it is or as a
        cryptographic digest, the settings, the day. Nothing of `known` is kept: whoever asks has
        it, and lets it go with the account.
        """
        ...


@runtime_checkable
class ActingSource(SignalSource, Protocol):
    """Writes back as well."""

    async def act(self, user_id: UserId, signal_id: SignalId, action: Action) -> None:
        """Carry out `action`, or raise.

        Returning means the service has it. Called again with the same `uuid` after a lost answer,
        it must not do it a second time. An item that is already gone counts as done.
        """
        ...


@runtime_checkable
class BatchSource(ActingSource, Protocol):
    """Writes several things back at once."""

    @property
    def most_actions(self) -> int:
        """Return how many actions one call may carry."""
        ...

    async def act_all(
        self, user_id: UserId, asked: Sequence[Asked]
    ) -> Mapping[str, SourceError | None]:
        """Carry out `asked`, in order; return what became of each, by its uuid.

        None: the service has it. A uuid that is left out: nobody knows, so it is asked again with
        the same uuid. Raises as `act` does where it is the same for all of them; Rejected then
        means that the service has done none of them. No signal is named twice.
        """
        ...


@runtime_checkable
class TellingSource(SignalSource, Protocol):
    """Tells when an account's list may have changed, so that nobody has to ask again and again."""

    async def watch(self, user_id: UserId, changed: Callable[[], None]) -> None:
        """Call `changed` whenever the account’s list may have changed, while it is awaited.

        Obligations of an implementation:

        - It calls `changed` once as soon as it hears of changes: what changed before that, nobody
          has told. After that it calls it for each change, from the loop's thread, as often as it
          likes: calls that follow each other closely are answered by one fetch.
        - What a fetch finds is no change: one that led to the next would never end.
        - It does not return. It raises what `fetch_signals` may where it cannot hear of changes any
          more (Unavailable, mostly), and is called again after a while, longer with each failure.
          Until then the account is asked at the usual interval.
        - It runs beside the account's fetches and actions, and can be cancelled at any await. While
          nothing changes it computes nothing: it holds no timer shorter than some minutes.

        While it is awaited, the account is asked by the clock no more than every few hours, beside
        midnight, a change of the machine's zone, waking from sleep, and whoever asks for it.
        """
        ...


@runtime_checkable
class AddingSource(ActingSource, Protocol):
    """Adds tasks as well, to the lists that its snapshots name (`Snapshot.lists`)."""

    @property
    def understands_marks(self) -> bool:
        """Return whether a new task can have labels, a description, and words that it repeats by.

        Else they stay in the title, as they were typed.
        """
        ...

    @property
    def has_inbox(self) -> bool:
        """Return whether it takes a task that names no list."""
        ...

    async def add(self, user_id: UserId, task: NewTask, *, may_be_added: bool) -> Added:
        """Add `task`, or raise.

        Returning means the service has it. Called again with the same `task.uuid`, it must not add
        it a second time, and tells its id again, where that can be found out.

        may_be_added: an earlier attempt may have reached the service, its answer was lost.
        """
        ...

    async def remove(
        self, user_id: UserId, task: NewTask, signal_id: SignalId | None, *, uuid: str
    ) -> None:
        """Take back that `task` was added, or raise; Rejected where the service cannot delete it.

        When it returns the service has it no more, and will not: also where nobody knows whether it
        was ever added. What is gone already counts as taken back.

        signal_id: the id it was given; None: not known. uuid: made for this and kept.
        """
        ...


async def fetched_again(source: SignalSource, user_id: UserId, known: Snapshot) -> Snapshot:
    """Return what the account shows now, as `source` can best tell. known: what is shown of it."""
    if isinstance(source, ComparingSource):
        return await source.fetch_again(user_id, known)
    return await source.fetch_signals(user_id)
