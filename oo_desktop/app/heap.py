"""Keeps the C library from holding more memory than is used: 1 MB at rest, of 70.

glibc gives each thread that allocates an arena of its own, and keeps what is freed in the middle of
one. The many short threads here need none, and after the start a good deal is free. (mallopt(3) and
malloc_trim(3); other C libraries know nothing of either, and are left alone.)
"""

import ctypes

ARENA_MAX = -8
"""M_ARENA_MAX of <malloc.h>."""


def use_one_arena() -> bool:
    """Have all threads share one arena; before there are any. Return whether that could be done."""
    return _call("mallopt", ARENA_MAX, 1)


def return_free_memory() -> bool:
    """Give the system back what is free. Return whether there was anything, and it could be done.

    Takes a millisecond or two.
    """
    return _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> bool:
    try:
        function = ctypes.CDLL(None)[name]
    except (OSError, AttributeError, TypeError):  # TypeError: Windows has no such library
        return False
    return bool(function(*arguments))
