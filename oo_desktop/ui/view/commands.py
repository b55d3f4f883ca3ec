"""What a person can ask for on the screen: as values, and as the callables that carry them out.

The view holds the values, so it stays a pure function and two views can be compared. `app` hands
the screen one `Commands`: callables, never the parts behind them. A callable returns at once;
whatever takes time runs behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from oo_desktop.model.signals import AccountKey, ActionKind, ProviderId, SignalKey
from oo_desktop.model.state import ClientHelp


class Done(Struct, frozen=True):
    """Mark a task as done."""

    key: SignalKey


class Act(Struct, frozen=True):
    """Do something else with a signal: move a task to another day, answer an invitation."""

    key: SignalKey
    kind: ActionKind


class Undo(Struct, frozen=True):
    """Take click `number` back."""

    number: int


class Retry(Struct, frozen=True):
    """Send the refused click `number` again."""

    number: int


class RetryAll(Struct, frozen=True):
    """Send every refused click again."""


class Discard(Struct, frozen=True):
    """Forget the refused click `number`."""

    number: int


class Refresh(Struct, frozen=True):
    """Ask all services now."""


class Connect(Struct, frozen=True):
    """Sign in to an account of `provider` in the browser."""

    provider: ProviderId


class Reconnect(Struct, frozen=True):
    """Sign in again to an account whose token was refused."""

    key: AccountKey


class Disconnect(Struct, frozen=True):
    """Forget an account, after asking; `waiting` clicks would be lost.

    account: what to call it, with its service.
    """

    key: AccountKey
    account: str
    waiting: int


class PasteToken(Struct, frozen=True):
    """Connect with a personal API token that the user pastes into a dialog."""

    provider: ProviderId
    service: str


class PasteLink(Struct, frozen=True):
    """Connect with a secret link that the user pastes into a dialog.

    where: sentences on where such a link is found.
    """

    provider: ProviderId
    service: str
    where: str = ""


class BringClient(Struct, frozen=True):
    """Sign in to `provider` with another client of the user's own, whose file a window takes.

    help: what the window explains.
    """

    provider: ProviderId
    help: ClientHelp


class ShowCalendar(Struct, frozen=True):
    """Show the events of one of an account's calendars, or no longer."""

    key: AccountKey
    calendar_id: str
    shown: bool


class AllowReplies(Struct, frozen=True):
    """Sign in again with the wider consent that answering invitations takes."""

    key: AccountKey


class CancelSignIn(Struct, frozen=True):
    """Stop waiting for the browser."""

    provider: ProviderId


class CopyLink(Struct, frozen=True):
    """Put the address of the waiting sign-in on the clipboard."""

    provider: ProviderId


class OpenUrl(Struct, frozen=True):
    """Show `url` in the browser."""

    url: str


class Quit(Struct, frozen=True):
    """End oO."""


Command = (
    Done
    | Act
    | Undo
    | Retry
    | RetryAll
    | Discard
    | Refresh
    | Connect
    | Reconnect
    | Disconnect
    | PasteToken
    | PasteLink
    | BringClient
    | ShowCalendar
    | AllowReplies
    | CancelSignIn
    | CopyLink
    | OpenUrl
    | Quit
)
"""The closed set of things a click can mean."""


Answered = Callable[[str | None], None]
"""Called with what went wrong, in a sentence, or with None where nothing did."""


@dataclass(frozen=True, kw_only=True)
class Commands:
    """Carries commands out; made by `app`, given to the screen.

    paste_token: connects, with a pasted link as well: either is an account's secret.
    check_client: judges what a file holds that should be a client's: what is wrong with it, or
        None.
    bring_client: signs in with the client in this text from now on, beginning now; answers once it
        is kept.
    """

    done: Callable[[SignalKey], object]
    act: Callable[[SignalKey, ActionKind], object]
    undo: Callable[[int], object]
    retry: Callable[[int], object]
    retry_all: Callable[[], object]
    discard: Callable[[int], object]
    refresh: Callable[[], object]
    connect: Callable[[ProviderId], object]
    reconnect: Callable[[AccountKey], object]
    disconnect: Callable[[AccountKey], object]
    paste_token: Callable[[ProviderId, str, Answered], object]
    cancel_sign_in: Callable[[ProviderId], object]
    copy_link: Callable[[ProviderId], object]
    open_url: Callable[[str], object]
    quit: Callable[[], object]
    show_calendar: Callable[[AccountKey, str, bool], object]
    allow_replies: Callable[[AccountKey], object]
    check_client: Callable[[ProviderId, str], str | None]
    bring_client: Callable[[ProviderId, str, Answered], object]

    def obey(self, command: Command) -> None:
        """Carry `command` out. Those that need a dialog first are the screen's business."""
        match command:
            case Done() | Act():
                self._obey_about_signal(command)
            case Undo() | Retry() | RetryAll() | Discard():
                self._obey_about_click(command)
            case Refresh():
                self.refresh()
            case OpenUrl(url):
                self.open_url(url)
            case Quit():
                self.quit()
            case _:
                self._obey_about_account(command)

    def _obey_about_signal(self, command: Done | Act) -> None:
        match command:
            case Done(key):
                self.done(key)
            case Act(key, kind):
                self.act(key, kind)

    def _obey_about_click(self, command: Undo | Retry | RetryAll | Discard) -> None:
        match command:
            case Undo(number):
                self.undo(number)
            case Retry(number):
                self.retry(number)
            case RetryAll():
                self.retry_all()
            case Discard(number):
                self.discard(number)

    def _obey_about_account(
        self,
        command: Connect
        | Reconnect
        | Disconnect
        | PasteToken
        | PasteLink
        | BringClient
        | ShowCalendar
        | AllowReplies
        | CancelSignIn
        | CopyLink,
    ) -> None:
        match command:
            case Connect(provider):
                self.connect(provider)
            case Reconnect(key):
                self.reconnect(key)
            case CancelSignIn(provider):
                self.cancel_sign_in(provider)
            case CopyLink(provider):
                self.copy_link(provider)
            case AllowReplies(key):
                self.allow_replies(key)
            case ShowCalendar(key, calendar_id, shown):
                self.show_calendar(key, calendar_id, shown)
            case Disconnect() | PasteToken() | PasteLink() | BringClient():
                raise ValueError(f"{type(command).__name__} needs an answer from the user first")
