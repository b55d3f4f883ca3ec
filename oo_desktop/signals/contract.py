"""Holding a connector to its word: what it returned is checked before anyone relies on it.

A screen that meets a naive time, a store that meets half a surrogate pair, or two signals of one
id would fail far from the cause. So a snapshot that breaks the contract is refused whole, and the
account keeps its last good one.
"""

import msgspec

from oo_desktop.signals.attempt import ConnectorFault
from oo_desktop.signals.model import AccountKey, AnySignal, Due, Fixed, Floating, Task
from oo_desktop.signals.source import Snapshot

MAX_ID = 512
"""Characters. Todoist's ids have 16, Google's event ids at most 1,024 bytes by its API page, in
practice some 30 and with an occurrence's time 50."""

MAX_TEXT = 10_000
"""Characters of a title, name or address."""

MAX_UNDO = 100_000
"""Characters of a connector's own notes on how to undo."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Snapshot)


def checked_snapshot(
    snapshot: object, key: AccountKey, *, limit: int, known: Snapshot | None = None
) -> Snapshot:
    """`snapshot` as it will be stored, with no more than `limit` signals.

    known: one that was checked before; an equal one is not checked again.
    More are cut off, not refused: they come in the service's order, so the first are those a person
    sees anyway, and a list that is never updated again helps nobody. Cutting comes first, so that a
    million cost no more than `limit`. Raises ConnectorFault for everything else that is wrong.
    """
    if type(snapshot) is not Snapshot:
        raise ConnectorFault(f"returned {type(snapshot).__name__}, not a snapshot")
    if type(snapshot.signals) is not tuple:
        raise ConnectorFault("returned signals that are not a tuple")
    cut = Snapshot(signals=snapshot.signals[:limit], zone=snapshot.zone)
    if cut == known:
        return known
    try:
        # There and back checks every type, and that the store can hold it.
        read_back = _decoder.decode(_encoder.encode(cut))
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError):
        raise ConnectorFault("returned values of the wrong types") from None
    seen = set()
    for signal in read_back.signals:
        _check_signal(signal, key)
        seen.add(signal.id)
    if len(seen) != len(read_back.signals):
        raise ConnectorFault("returned two signals with one id")
    return read_back


def _check_signal(signal: AnySignal, key: AccountKey) -> None:
    if signal.account != key:
        raise ConnectorFault("returned a signal of another account")
    if not 0 < len(signal.id) <= MAX_ID:
        raise ConnectorFault("returned a signal whose id is empty or absurdly long")
    texts = [signal.title, signal.url or ""]
    if signal.container is not None:
        texts += [signal.container.name, signal.container.color or ""]
    if max(map(len, texts)) > MAX_TEXT or len(signal.undo or "") > MAX_UNDO:
        raise ConnectorFault("returned a signal with an absurdly long text")
    dues = (signal.due,) if isinstance(signal, Task) else (signal.start, signal.end)
    if not all(map(_is_sound, dues)):
        raise ConnectorFault("returned a time that is aware where it must be naive, or naive")


def _is_sound(due: Due | None) -> bool:
    match due:
        case Fixed(at):
            return at.tzinfo is not None
        case Floating(at):
            return at.tzinfo is None
    return True
