"""Checks what a connector returned before anyone relies on it.

A screen that meets a naive time, a store that meets half a surrogate pair, or two signals of one
id would fail far from the cause. So a snapshot that breaks the contract is rejected whole, and the
account keeps its last good one.
"""

import asyncio
import operator
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from oo_desktop.errors import Rejected
from oo_desktop.language import translated
from oo_desktop.model.faults import ConnectorFault
from oo_desktop.model.sharing import SharedParts
from oo_desktop.model.signals import (
    AccountKey,
    AnySignal,
    Due,
    Event,
    Fixed,
    Floating,
    SignalId,
    Task,
    TaskList,
)
from oo_desktop.model.source import Added, Calendar, Snapshot

T = TypeVar("T")

MAX_ID = 512
"""Characters of an id. Todoist's ids have 16, Google's event ids at most 1,024 bytes by its API
page, in practice some 30 and with an occurrence's time 50."""

MAX_TEXT = 10_000
"""Characters of a title, name or address."""

MAX_UNDO_TEXT = 100_000
"""Characters of a connector's own notes on how to undo."""

MAX_LISTED_CALENDARS = 1000
MAX_LISTS = 1000
MAX_REMINDERS = 20
"""Of one event. Google allows five."""

MAX_UNREAD = 1_000_000

SIGNALS_PER_SLICE = 100
"""Signals checked before the loop gets its turn: below a millisecond."""

_signals_decoder = msgspec.json.Decoder(list[AnySignal])
_zone_decoder = msgspec.json.Decoder(str | None)
_count_decoder = msgspec.json.Decoder(int)
_lists_decoder = msgspec.json.Decoder(tuple[TaskList, ...] | None)
_calendars_decoder = msgspec.json.Decoder(tuple[Calendar, ...])


async def checked_snapshot(
    snapshot: object, key: AccountKey, *, limit: int, known: Snapshot | None = None
) -> Snapshot:
    """Return `snapshot` as it will be stored; gives the loop its turn in between.

    key: the account it was asked for.
    limit: how many signals it may hold. More are rejected, not cut off: a task beyond the cut would
        be gone from the list, and that is how a click is confirmed.
    known: one that was checked before. What equals it is it: the same signal, the same tuple, the
        same snapshot. Whoever compares them finds out at once that nothing changed.

    Raises Rejected for too many signals, ConnectorFault for everything else that is wrong.
    """
    if type(snapshot) is not Snapshot:
        raise ConnectorFault(f"returned {type(snapshot).__name__}, not a snapshot")
    if type(snapshot.signals) is not tuple:
        raise ConnectorFault("returned signals that are not a tuple")
    if len(snapshot.signals) > limit:
        most = f"{limit:,}"
        raise Rejected(
            translated(
                "This account lists more than oO can show ({most}). Narrow its filter.", most=most
            )
        )
    known = known or Snapshot(signals=())
    zone = _there_and_back(snapshot.zone, _zone_decoder)
    calendars = _checked_calendars(snapshot.calendars)
    lists = _checked_lists(snapshot.lists)
    unread = _there_and_back(snapshot.unread, _count_decoder)
    if not 0 <= unread <= MAX_UNREAD:
        raise ConnectorFault("returned a number of unread signals that cannot be")
    signals = known.signals
    if snapshot.signals is not signals:  # else they were checked before
        signals = await _checked_signals(snapshot.signals, key, signals)
    said = Snapshot(signals=(), zone=zone, calendars=calendars, unread=unread, lists=lists)
    same = said == msgspec.structs.replace(known, signals=(), made_of=None)
    if same and signals is known.signals and snapshot.made_of is known.made_of:
        return known
    return msgspec.structs.replace(said, signals=signals, made_of=snapshot.made_of)


def checked_id(added: object) -> SignalId | None:
    """Return the id that a service gave a new task. Raises ConnectorFault."""
    if type(added) is not Added:
        raise ConnectorFault(f"returned {type(added).__name__}, not what it has added")
    id_ = _there_and_back(added.id, _zone_decoder)
    if id_ is not None and not 0 < len(id_) <= MAX_ID:
        raise ConnectorFault("returned an id that is empty or absurdly long")
    return None if id_ is None else SignalId(id_)


def _checked_lists(lists: object) -> tuple[TaskList, ...] | None:
    checked: tuple[TaskList, ...] | None = _there_and_back(lists, _lists_decoder)
    if checked is None:
        return None
    if len(checked) > MAX_LISTS or len({one.id for one in checked}) != len(checked):
        raise ConnectorFault("returned too many lists, or two with one id")
    if any(len(text or "") > MAX_TEXT for one in checked for text in (one.id, one.name, one.color)):
        raise ConnectorFault("returned a list with an absurdly long text")
    return checked


def _checked_calendars(calendars: object) -> tuple[Calendar, ...]:
    checked = _there_and_back(calendars, _calendars_decoder)
    if len(checked) > MAX_LISTED_CALENDARS or len({one.id for one in checked}) != len(checked):
        raise ConnectorFault("returned too many calendars, or two with one id")
    texts = (
        text for one in checked for text in (one.id, one.name, one.color, one.problem, one.group)
    )
    if any(len(text or "") > MAX_TEXT for text in texts):
        raise ConnectorFault("returned a calendar with an absurdly long text")
    return checked


async def _checked_signals(
    signals: tuple[object, ...], key: AccountKey, known: tuple[AnySignal, ...]
) -> tuple[AnySignal, ...]:
    by_id = {signal.id: signal for signal in known}
    parts = SharedParts(key, known)
    checked: list[AnySignal] = []
    for start in range(0, len(signals), SIGNALS_PER_SLICE):
        if start:
            await asyncio.sleep(0)
        checked += _checked_slice(signals[start : start + SIGNALS_PER_SLICE], key, by_id, parts)
    if len({signal.id for signal in checked}) != len(checked):
        raise ConnectorFault("returned two signals with one id")
    same = len(checked) == len(known) and all(map(operator.is_, checked, known))
    return known if same else tuple(checked)


def _checked_slice(
    signals: tuple[object, ...],
    key: AccountKey,
    known: Mapping[SignalId, AnySignal],
    parts: SharedParts,
) -> list[AnySignal]:
    before = [_before(signal, known) for signal in signals]
    # There and back checks every type, and that the store can hold it.
    new = _there_and_back(
        [signal for signal, same in zip(signals, before, strict=True) if same is None],
        _signals_decoder,
    )
    for signal in new:
        _check_signal(signal, key)
    read_back = map(parts.of, new)
    return [same or next(read_back) for same in before]


def _before(signal: object, known: Mapping[SignalId, AnySignal]) -> AnySignal | None:
    """The known signal that `signal` equals."""
    if type(signal) not in (Task, Event):
        return None
    try:
        found = known.get(signal.id)  # type: ignore[attr-defined]  # mypy does not see what it is
    except TypeError:  # an id of a wrong type
        return None
    return found if found == signal else None


def _there_and_back(value: object, decoder: "msgspec.json.Decoder[T]") -> T:
    try:
        return decoder.decode(msgspec.json.encode(value))
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError):
        raise ConnectorFault("returned values of the wrong types") from None


def _check_signal(signal: AnySignal, key: AccountKey) -> None:
    if signal.account != key:
        raise ConnectorFault("returned a signal of another account")
    if not 0 < len(signal.id) <= MAX_ID:
        raise ConnectorFault("returned a signal whose id is empty or absurdly long")
    texts = [signal.title, signal.url or ""]
    if signal.container is not None:
        texts += [signal.container.name, signal.container.color or ""]
    if max(map(len, texts)) > MAX_TEXT or len(signal.undo or "") > MAX_UNDO_TEXT:
        raise ConnectorFault("returned a signal with an absurdly long text")
    if isinstance(signal, Event):
        _check_event(signal)
    dues = (signal.due,) if isinstance(signal, Task) else (signal.start, signal.end)
    if not all(map(_is_sound, dues)):
        raise ConnectorFault("returned a time that is aware where it must be naive, or naive")


def _check_event(event: Event) -> None:
    if max(len(text or "") for text in (event.join_url, event.where, event.twin)) > MAX_TEXT:
        raise ConnectorFault("returned an event with an absurdly long text")
    if event.join_url is not None and not event.join_url.startswith("https://"):
        raise ConnectorFault("returned a link to join that is not https")
    if len(event.reminders or ()) > MAX_REMINDERS:
        raise ConnectorFault("returned an event with an absurd number of reminders")


def _is_sound(due: Due | None) -> bool:
    match due:
        case Fixed(at):
            return at.tzinfo is not None
        case Floating(at):
            return at.tzinfo is None
    return True
