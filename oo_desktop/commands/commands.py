"""Names everything a person can ask for, by whichever way, as one closed set of values. Pure.

A menu row, a notification's button, a window, the socket and the command line build such a value
and hand it to `execute.Executor`, which alone carries it out. So a view stays a pure function, two
views can be compared, and a new command is spelled in three places: here, its arm in the executor,
and the surface that offers it.

What a field refers to is given by its key, as a row knows it, or by the word a person has for it,
as it comes over the socket: a signal's id, or `source:user_id:id` where an id occurs twice.

A command with a tag may come over the socket, under that name and with its fields as arguments,
named as `rename` says (`requests.py`). Both are a promise to scripts: new ones may come, none go.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, NamedTuple, Protocol

from msgspec import UNSET, Meta, Struct, UnsetType

from oo_desktop.errors import OoError
from oo_desktop.model.pause import PauseUntil
from oo_desktop.model.signals import AccountKey, ActionKind, ProviderId, SignalKey
from oo_desktop.model.state import ClientHelp

Word = Annotated[str, Meta(min_length=1)]
"""What a person calls something."""

ProviderWord = Annotated[ProviderId, Meta(min_length=1)]


# What is on the list


class Done(Struct, frozen=True, tag="done", rename={"signal": "id"}):
    """Mark a task as done."""

    signal: SignalKey | Word


class Act(Struct, frozen=True, tag="act", rename={"signal": "id", "kind": "action"}):
    """Do something else with a signal: move a task to another day, answer an invitation.

    REOPEN takes back the newest click on it.
    """

    signal: SignalKey | Word
    kind: ActionKind


class Move(Struct, frozen=True):
    """Move a task to a day that the person names."""

    signal: SignalKey
    day: date


class AskForDay(Struct, frozen=True):
    """Ask to which day to move tasks, and move them there."""

    signals: tuple[SignalKey, ...]


class Add(Struct, frozen=True, tag="add"):
    """Add a task. text: what was typed, read as `model/quick_add.py` says.

    account: a provider, `provider:user_id`, or its user; None: as the settings say.
    list: by its id or name; None: the one the text names, or as the settings say.
    """

    text: Word
    account: AccountKey | Word | None = None
    list: Word | None = None


class Join(Struct, frozen=True, tag="join"):
    """Open the meeting that is running or comes next."""


class Snooze(Struct, frozen=True):
    """Remind of an event or a task again, a little later."""

    key: SignalKey


class OpenUrl(Struct, frozen=True):
    """Show `url` in the browser."""

    url: str


class Pause(Struct, frozen=True, tag="pause"):
    """Hold notifications back for a while. What was asked for by hand is answered nevertheless."""

    until: PauseUntil


class Resume(Struct, frozen=True, tag="resume"):
    """Hold notifications back no more, and say in one what was held."""


# Clicks on their way. `click`: its number, or the signal it is on


class Undo(Struct, frozen=True, tag="undo", rename={"click": "id"}):
    """Take a click back; the last where none is named."""

    click: int | Word | None = None


class Retry(Struct, frozen=True, tag="retry", rename={"click": "id", "every": "all"}):
    """Send a refused click again, or every one of them."""

    click: int | Word | None = None
    every: bool = False


class Discard(Struct, frozen=True, tag="discard", rename={"click": "id"}):
    """Forget a refused click."""

    click: int | Word


# Accounts


class Connect(Struct, frozen=True, tag="connect"):
    """Connect an account of `provider`, or the one of `user` again: by signing in, or with `token`.

    token: what the person pasted, a calendar's secret link as well; or a `Credentials.secret`,
        whose server and user name may be empty for an account that is known.
    server: where to sign in with the browser, at a service that has many servers.
    client: what the file of a client of their own holds, to sign in with from now on.
    browser: whether to open one; else the address is only told.
    write: whether to ask for the wider consent that answering invitations takes.
    """

    provider: ProviderWord
    user: AccountKey | Word | None = None
    token: Word | UnsetType = UNSET
    client: Word | None = None
    server: Word | None = None
    browser: bool = True
    write: bool = False

    def __repr__(self) -> str:
        return f"Connect({self.provider!r}, …)"  # the rest may be secret


class Reconnect(Struct, frozen=True):
    """Sign in again to an account whose token was refused; or ask for its link or password."""

    key: AccountKey


class Disconnect(Struct, frozen=True, tag="disconnect"):
    """Forget an account."""

    provider: ProviderWord
    user: AccountKey | Word | None = None


class AskToDisconnect(Struct, frozen=True):
    """Forget an account, after asking; `waiting` clicks would be lost.

    account: what to call it, with its service.
    """

    key: AccountKey
    account: str
    waiting: int


class PasteToken(Struct, frozen=True):
    """Ask for a personal API token of `service`, and connect with it."""

    provider: ProviderId
    service: str


class PasteLink(Struct, frozen=True):
    """Ask for a secret link, and connect with it.

    where: sentences on where such a link is found.
    """

    provider: ProviderId
    service: str
    where: str = ""


class KnownUser(NamedTuple):
    """Says whose password is asked for again.

    server, user_name: where the account is, and as whom. browser: it can be signed in to there.
    """

    key: AccountKey
    server: str
    user_name: str
    browser: bool = False


class TypePassword(Struct, frozen=True):
    """Ask for a server, a user name and a password, and connect with them."""

    provider: ProviderId


class NameServer(Struct, frozen=True):
    """Ask for a server, and sign in there with the browser."""

    provider: ProviderId


class BringClient(Struct, frozen=True):
    """Ask for the file of a client of the user's own, and sign in to `provider` with it.

    help: what to explain about making one.
    """

    provider: ProviderId
    help: ClientHelp


class CheckClient(Struct, frozen=True):
    """Judge whether `text` is what the file of a client of `provider` holds; keeps nothing."""

    provider: ProviderId
    text: str

    def __repr__(self) -> str:
        return f"CheckClient({self.provider!r}, …)"  # it has a secret in it


class UseClient(Struct, frozen=True):
    """Keep the client in `text`, then sign in to `provider` with it."""

    provider: ProviderId
    text: str

    def __repr__(self) -> str:
        return f"UseClient({self.provider!r}, …)"


class CancelSignIn(Struct, frozen=True):
    """Stop waiting for the browser."""

    provider: ProviderId


class CopyLink(Struct, frozen=True):
    """Put the address of the waiting sign-in on the clipboard."""

    provider: ProviderId


class CopyUrl(Struct, frozen=True):
    """Put the address of a task or an event on the clipboard."""

    url: str


class ShowCalendar(Struct, frozen=True, tag="show_calendar"):
    """Show the events of one of an account's calendars, or no longer."""

    calendar: Word
    user: AccountKey | Word | None = None
    shown: bool = False


# oO itself


class ShowWindow(Struct, frozen=True, tag="show"):
    """Open the window, or bring it to the front."""


class AskToAdd(Struct, frozen=True, tag="ask_to_add"):
    """Open the window at the field for a new task.

    screen: as for `Wake`.
    """

    screen: bool = False


class Unlock(Struct, frozen=True):
    """Ask for the keyring again, also after the person has dismissed its prompt."""


class Every(Struct, frozen=True):
    """Carry out several commands, one after the other."""

    commands: tuple["Command", ...]


class Refresh(Struct, frozen=True, tag="refresh"):
    """Ask all services now."""


class Wake(Struct, frozen=True, tag="wake"):
    """Show that oO runs already, to somebody who started it again, and look for news.

    screen: whether that one has a screen; an oO without one gives way to it.
    """

    screen: bool = False


class ShowSettings(Struct, frozen=True):
    """Open the window of the settings."""


class Change(Struct, frozen=True, tag="set"):
    """Give a setting another value, in the words for it; `default` takes it out of config.toml.

    name: as config.toml has it, `show.all_day`.
    """

    name: Word
    value: str


class StartAtLogin(Struct, frozen=True):
    """Start oO with the session, or no longer."""

    on: bool


class Quit(Struct, frozen=True, tag="quit"):
    """End oO."""


# What there is to see


class TellStatus(Struct, frozen=True, tag="status"):
    """Say how oO is doing, account by account."""


class ListSignals(Struct, frozen=True, tag="signals"):
    """List what the tray shows, in its order."""


class ListIntegrations(Struct, frozen=True, tag="integrations"):
    """List the connected accounts."""


class ListCalendars(Struct, frozen=True, tag="calendars"):
    """List the calendars of one user, or of all."""

    user: Word | None = None


class ListOutbox(Struct, frozen=True, tag="outbox"):
    """List the clicks on their way, and those that were refused."""


class WatchSignals(Struct, frozen=True, tag="watch"):
    """List what the tray shows, and again whenever that changes, until whoever asked goes away."""


class TellReport(Struct, frozen=True, tag="report"):
    """Tell how oO is, for somebody who is to find a fault: without names, titles or secrets."""


class CopyReport(Struct, frozen=True):
    """Put the report on the clipboard."""


class ShowLog(Struct, frozen=True):
    """Show the file that oO's log is in."""


class ListSettings(Struct, frozen=True, tag="settings"):
    """List the settings and their values."""


class ListUndoable(Struct, frozen=True, tag="undoable"):
    """List what can be taken back, newest first."""


Command = (
    Done
    | Act
    | Move
    | AskForDay
    | Add
    | Join
    | Snooze
    | Pause
    | Resume
    | OpenUrl
    | Undo
    | Retry
    | Discard
    | Connect
    | Reconnect
    | Disconnect
    | AskToDisconnect
    | PasteToken
    | PasteLink
    | TypePassword
    | NameServer
    | BringClient
    | CheckClient
    | UseClient
    | CancelSignIn
    | CopyLink
    | CopyUrl
    | ShowCalendar
    | ShowWindow
    | AskToAdd
    | Unlock
    | Every
    | Refresh
    | Wake
    | ShowSettings
    | Change
    | StartAtLogin
    | Quit
    | TellStatus
    | ListSignals
    | ListIntegrations
    | ListCalendars
    | ListOutbox
    | ListUndoable
    | WatchSignals
    | TellReport
    | CopyReport
    | ShowLog
    | ListSettings
)
"""The closed set of what a person can ask for."""


class Asker:
    """Hears what becomes of a command it asked for. This one does not care.

    waits: whether it waits itself for what takes time, and gives that up when it goes away.
    """

    waits = False

    @property
    def gone(self) -> bool:
        """Return whether it has left the end to others: the screen hears of it instead."""
        return False

    def progress(self, said: Mapping[str, object]) -> None:
        """Hear what can be said before the end."""

    def answered(self, command: Command, result: object) -> None:
        """Hear that `command` was carried out, and what it came to."""

    def failed(self, error: OoError) -> None:
        """Hear what went wrong, in a sentence."""


class Execute(Protocol):
    """Carries a command out; `asker` hears what comes of it, by default the screen."""

    def __call__(self, command: Command, asker: Asker | None = None, /) -> object: ...


OnAnswered = Callable[[str | None], None]
"""Called with what went wrong, in a sentence, or with None where nothing did."""


class Answering(Asker):
    """Lets a window hear of the command it built, in place.

    is_gone: whether the window was closed meanwhile.
    """

    def __init__(self, answered: OnAnswered, is_gone: Callable[[], bool] = lambda: False) -> None:
        self._answered = answered
        self._is_gone = is_gone

    @property
    def gone(self) -> bool:
        return self._is_gone()

    def answered(self, _command: Command, _result: object) -> None:
        self._answered(None)

    def failed(self, error: OoError) -> None:
        self._answered(str(error))
