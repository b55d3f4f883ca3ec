"""Ports for tests that have to name one."""

from random import SystemRandom

BY_REQUEST_ONLY = range(15_000, 32_000)
"""No system gives these out by itself, so nothing takes one that a test has just left."""

_random = SystemRandom()
"""Chance of its own: tests that run beside each other begin with the same seed."""


def ports_of_nobody(count: int) -> tuple[int, ...]:
    """`count` ports on which, very likely, nothing listens and nothing will."""
    return tuple(_random.sample(BY_REQUEST_ONLY, count))
