"""Numbers the rows of a list so that few have to be written again when it changes.

A list that loses its first task keeps the places of all others: only their order counts.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

POSITION_GAP = 1 << 20
"""Between two neighbours in a new list: twenty can be put in between, each beside the last."""


def assign_positions(ids: Sequence[str], before: Mapping[str, int]) -> list[int]:
    """Return numbers that rise along `ids`; as many as can be are those of `before`."""
    kept = _rising([before.get(id_, -1) for id_ in ids])
    found = [before[id_] if index in kept else -1 for index, id_ in enumerate(ids)]
    for start, end in _runs(found):
        low = found[start - 1] if start else -1
        high = found[end] if end < len(found) else low + POSITION_GAP * (end - start + 1)
        count = end - start + 1
        if high - low < count:
            return [POSITION_GAP * (place + 1) for place in range(len(ids))]
        for step in range(1, count):
            found[start + step - 1] = low + (high - low) * step // count
    return found


def _runs(found: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where those without a number begin and end, run by run."""
    start: int | None = None
    for index in range(len(found) + 1):
        missing = index < len(found) and found[index] < 0
        if missing and start is None:
            start = index
        elif not missing and start is not None:
            yield start, index
            start = None


def _rising(numbers: Sequence[int]) -> set[int]:
    """The indexes of a longest rising part of `numbers`; those below 0 do not count."""
    ends: list[int] = []  # the least number that a rising part of each length can end with
    at: list[int] = []  # and its index
    previous: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number) if number >= 0 else 0
        previous.append(at[length - 1] if number >= 0 and length else -1)
        if number >= 0:
            ends[length : length + 1] = [number]
            at[length : length + 1] = [index]
    kept: set[int] = set()
    index = at[-1] if at else -1
    while index >= 0:
        kept.add(index)
        index = previous[index]
    return kept
