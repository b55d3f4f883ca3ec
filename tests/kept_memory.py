"""Weigh what a piece of work keeps: bytes, which do not depend on the machine or what it does."""

import gc
import tracemalloc
from collections.abc import Callable


def kept_bytes(work: Callable[[], object]) -> int:
    """Return how much memory there is more of while what `work` returns is kept."""
    gc.collect()
    tracemalloc.start()
    try:
        kept = work()
        gc.collect()
        found, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    del kept
    return found


def bytes_of_one_more(work: Callable[[int], object], *, few: int = 500, many: int = 2_500) -> float:
    """Return what each thing more takes that `work` is asked for."""
    return (kept_bytes(lambda: work(many)) - kept_bytes(lambda: work(few))) / (many - few)


def watched_by_one_more(
    work: Callable[[int], object], *, few: int = 500, many: int = 2_500
) -> float:
    """Return how many references the garbage collector follows for each thing more that `work` is
    asked for. (Not those of dicts: since Python 3.14 it follows them, whatever is in them.)"""

    def watched(count: int) -> int:
        gc.collect()
        before = _references()
        kept = work(count)
        for _ in range(3):  # what holds what needs no watching is found out one after the other
            gc.collect()
        found = _references() - before
        del kept
        return found

    return (watched(many) - watched(few)) / (many - few)


def _references() -> int:
    objects = (each for each in gc.get_objects() if not isinstance(each, dict))
    return sum(len(gc.get_referents(each)) for each in objects)
