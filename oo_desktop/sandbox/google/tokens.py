"""Page and sync tokens: opaque, and good only for the person and the question they came from."""

import base64
import hashlib
import json
from collections.abc import Iterable

PLAIN = frozenset({"alt", "fields", "key", "prettyPrint", "quotaUser", "oauth_token", "userIp"})
"""Parameters every method has, and that change nothing about what is asked."""


def seal(asked: Iterable[tuple[str, str]], *, without: frozenset[str], of: str) -> str:
    """A fingerprint of a question: its parameters but for some, and whose question it is."""
    kept = sorted((key, value) for key, value in asked if key not in PLAIN | without)
    return hashlib.sha256(json.dumps([of, kept]).encode()).hexdigest()[:16]


def token(number: int, fingerprint: str) -> str:
    """A token that holds a position or a revision."""
    return base64.urlsafe_b64encode(f"{number}.{fingerprint}".encode()).decode()


def number_in(text: str, fingerprint: str) -> int:
    """What `token` was given. Raises ValueError where the fingerprint is another."""
    held, _, of = base64.urlsafe_b64decode(text.encode()).decode().partition(".")
    if of != fingerprint:
        raise ValueError("this token belongs to another question")
    return int(held)
