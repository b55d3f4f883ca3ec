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
