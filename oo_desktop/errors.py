"""Names everything that can go wrong on purpose, and says what each means for the user.

OoError
├── SourceError              the service did not do what we asked
│   ├── Unavailable          not now: offline, timeout, 429, 5xx, not JSON   (retry_after, limited)
│   ├── AuthRequired         the user must reconnect
│   └── Rejected             never: other 4xx, malformed answer              (status, reason)
├── SignInError              denied, timed out, cancelled, another account, misconfigured client
├── VaultError               keyring locked, absent or late: not now, never "signed out"
├── StoreError               disk full, read-only, not a database
└── ConfigError              config.toml says something oO cannot use

One exception, one behaviour. Each carries one sentence for the user, in `str(error)`: what
happened, and what to do where there is something to do. None ever says a token, a code, a URL's
query or anything received from a service (`Refused.body` is for the eyes of a connector). Whatever
is not in this tree is a bug, and ends the program with a report.

Some modules know finer kinds, which behave as their parents do for everyone else: `NotSent`,
`AnswerLost` and `WebPage` are Unavailable, `Refused` is Rejected, `GrantRefused` is AuthRequired,
`ClientRefused`, `ClientNeeded` and `CredentialsError` are SignInErrors, `DatabaseUnusable` and
`DatabaseDamaged` are StoreErrors. What only a terminal ever sees hangs directly under the root:
`InstanceError`, `CommandError`, `OutputError`; and so does `FileRefused`, which only a window
shows.
"""

from enum import StrEnum

from oo_desktop.language import translated, untranslated


class OoError(Exception):
    """Is the root of everything that can go wrong on purpose; `str()` is fit for the user."""


KEEPS_TRYING = untranslated("oO keeps trying.")
CARRIES_ON = untranslated("oO carries on by itself.")
"""What oO does about what is not now: see `Unavailable.outlook`."""


class SourceError(OoError):
    """Says that a service did not do what was asked."""


class Unavailable(SourceError):
    """Says that it is not possible now; the same request may work later.

    fact: what happened, a sentence.
    outlook: what oO does about it, another, in English; empty where there is nothing to say.
        `str()` is both, as the person reads them.
    retry_after: seconds the service asked us to wait, or None.
    limited: True when the service is there and told us to slow down.
    reached: False when the service certainly did nothing: what never left can be taken back.
    """

    def __init__(
        self,
        fact: str,
        *,
        outlook: str = "",
        retry_after: float | None = None,
        limited: bool = False,
        reached: bool = True,
    ) -> None:
        super().__init__(f"{fact} {translated(outlook)}" if outlook else fact)
        self.fact = fact
        self.outlook = outlook
        self.retry_after = retry_after
        self.limited = limited
        self.reached = reached


class AuthRequired(SourceError):
    """Says that the service no longer accepts the sign-in; only the user can mend that."""


class Rejected(SourceError):
    """Says that the service will never do this: asking again would not help.

    status: the HTTP status, or None when an answer with a good status made no sense.
    reason: the sentence shown beside the item; equal to `str()`.
    """

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class SignInError(OoError):
    """Says why a sign-in ended without an account: denied, timed out, cancelled, misconfigured."""


class VaultState(StrEnum):
    """Names why the keyring cannot be used now."""

    LOCKED = "locked"
    ABSENT = "absent"
    SILENT = "silent"
    """It has not answered in time: busy, broken, or asking the user."""
    INSECURE = "insecure"
    """It would not protect what it is given, so it is given nothing."""
    FAILED = "failed"


class VaultError(OoError):
    """Says that the keyring cannot be used now: locked, absent, late. Never "signed out".

    state: which of these it is; all of them are waited for alike.
    """

    def __init__(self, message: str, *, state: VaultState = VaultState.FAILED) -> None:
        super().__init__(message)
        self.state = state


class StoreError(OoError):
    """Says that the database cannot be used: disk full, read-only folder, not a database."""


class ConfigError(OoError):
    """Says that config.toml holds something oO cannot use; the sentence names the key.

    key: whose value it is, `todoist.filter`; empty where it is none's.
    """

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key
