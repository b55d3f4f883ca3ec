"""Hold what is known of a connected account, but for its tokens."""

from datetime import datetime

from msgspec import Struct

from oo_desktop.model.signals import AccountKey
from oo_desktop.model.state import TokenStatus


class Integration(Struct, frozen=True, kw_only=True):
    """Says what is known of one connected account.

    expires_at: when its access token does; None: never.
    keyring: the back end that holds its tokens, as `PYTHON_KEYRING_BACKEND` would name it.
    reason: why it has to be reconnected, where it has and that is known.
    """

    key: AccountKey
    label: str
    token_status: TokenStatus = TokenStatus.ACTIVE
    scopes: str = ""
    client_id: str = ""
    keyring: str = ""
    reason: str | None = None
    expires_at: datetime | None = None
    connected_at: datetime
    updated_at: datetime

    @property
    def granted(self) -> frozenset[str]:
        """Return the scopes its owner agreed to; their order says nothing (RFC 6749, 3.3)."""
        return frozenset(self.scopes.split())


class SentRefresh(Struct, frozen=True):
    """Notes a renewal whose answer has not been stored yet.

    generation: the token it would replace, counted from 0 at sign-in.
    sent_at: when it was first sent; a service forgives a repeat only for so long.
    """

    generation: int
    sent_at: datetime
