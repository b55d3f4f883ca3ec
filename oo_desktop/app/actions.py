"""What a person can ask for on the screen, led to the engine; what goes wrong with it is told.

Every command returns at once. Before the engine has begun there is nothing to command, and so
nothing happens but another attempt to begin where somebody asks for news.
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtGui import QGuiApplication

from oo_desktop.errors import OoError, SignInError
from oo_desktop.model.signals import AccountKey, ActionKind, ProviderId, SignalKey
from oo_desktop.model.state import ClientHelp, Connecting
from oo_desktop.ui.view.commands import Answered, Commands

if TYPE_CHECKING:
    from oo_desktop.engine import Engine
    from oo_desktop.notifications.notifying import Notifying

T = TypeVar("T")


class ShellCommands:
    """Makes the `Commands` of the screen.

    begun: the engine and what speaks for it, once they are there.
    try_to_begin: called when somebody asks for news before that.
    go: runs a coroutine behind a command, and tells what it fails with.
    open_url: shows a page in the browser. Raises OoError.
    ask_for_client: opens the window that takes a client of the user's own; None where no window can
        be seen.
    ask_for_link: opens the window that takes the current link of the calendar with this label;
        None where no window can be seen.
    """

    def __init__(
        self,
        *,
        begun: "Callable[[], tuple[Engine, Notifying] | None]",
        try_to_begin: Callable[[], object],
        go: Callable[[Coroutine[Any, Any, object]], None],
        open_url: Callable[[str], Coroutine[Any, Any, object]],
        ask_for_client: Callable[[ProviderId, ClientHelp], object] | None,
        ask_for_link: Callable[[str, str, Callable[[str, Answered], object]], object] | None,
    ) -> None:
        self._begun = begun
        self._try_to_begin = try_to_begin
        self._go = go
        self._open_url = open_url
        self._ask_for_client = ask_for_client
        self._ask_for_link = ask_for_link

    def commands(self, *, quit_: Callable[[], object]) -> Commands:
        """quit_: ends oO."""
        return Commands(
            done=lambda key: self._act(key, ActionKind.DONE),
            act=self._act,
            undo=self._with(lambda engine, number: engine.outbox.undo(number)),
            retry=self._with(lambda engine, number: engine.retry(number)),
            retry_all=self._retry_all,
            discard=self._with(lambda engine, number: engine.outbox.discard(number)),
            refresh=self._refresh,
            connect=self._sign_in,
            reconnect=self._reconnect,
            disconnect=self._disconnect,
            paste_token=self._paste,
            cancel_sign_in=self._with(lambda engine, provider: engine.accounts.cancel(provider)),
            copy_link=self._with(_copy_link),
            open_url=lambda url: self._go(self._open_url(url)),
            quit=quit_,
            show_calendar=self._show_calendar,
            allow_replies=lambda key: self._sign_in(key.provider, expected=key, write=True),
            check_client=self._check_client,
            bring_client=self._bring_client,
        )

    def _run(self, work: "Callable[[Engine, Notifying], Awaitable[object]]") -> None:
        """Do what takes time, with the engine there is by then."""

        async def run() -> None:
            if (begun := self._begun()) is not None:
                await work(*begun)

        self._go(run())

    def _with(self, act: "Callable[[Engine, T], object]") -> Callable[[T], None]:
        """A command that is over at once, and whose failure is told."""

        def command(argument: T) -> None:
            async def work(engine: "Engine", _notifying: "Notifying") -> None:
                act(engine, argument)

            self._run(work)

        return command

    def _act(self, key: SignalKey, kind: ActionKind) -> None:
        async def work(engine: "Engine", notifying: "Notifying") -> None:
            await notifying.clicked(engine.act(key, kind))

        self._run(work)

    def _retry_all(self) -> None:
        async def work(engine: "Engine", _notifying: "Notifying") -> None:
            from oo_desktop.app.late_imports import retry_all

            await retry_all(engine)

        self._run(work)

    def _show_calendar(self, key: AccountKey, calendar: str, shown: bool) -> None:
        async def work(engine: "Engine", _notifying: "Notifying") -> None:
            engine.show_calendar(key, calendar, shown=shown)

        self._run(work)

    def _refresh(self) -> None:
        if self._begun() is None:
            self._try_to_begin()
        self._run(lambda engine, _notifying: engine.refresh())

    def _sign_in(
        self, provider: ProviderId, *, expected: AccountKey | None = None, write: bool = False
    ) -> None:
        async def work(engine: "Engine", _notifying: "Notifying") -> None:
            from oo_desktop.app.late_imports import ClientNeeded

            try:
                await engine.sign_in(provider, expected=expected, write=write)
            except ClientNeeded as error:
                if self._ask_for_client is None:
                    raise
                self._ask_for_client(provider, error.help)

        self._run(work)

    def _reconnect(self, key: AccountKey) -> None:
        """Sign in again; or take the current link, where the account is one."""

        async def work(engine: "Engine", _notifying: "Notifying") -> None:
            state = engine.state()
            links = [
                service
                for service in state.services
                if service.id == key.provider and service.connecting is Connecting.LINK
            ]
            labels = [account.label for account in state.accounts if account.key == key]
            if links and labels and self._ask_for_link is not None:
                accept = partial(self._paste, key.provider, expected=key)
                self._ask_for_link(labels[0], links[0].where, accept)
            else:
                self._sign_in(key.provider, expected=key)

        self._run(work)

    def _paste(
        self,
        provider: ProviderId,
        secret: str,
        answered: Answered,
        *,
        expected: AccountKey | None = None,
    ) -> None:
        """Connect with a token or a link. What goes wrong is told where it was pasted."""

        async def work(engine: "Engine", _notifying: "Notifying") -> None:
            try:
                await engine.connect_with_token(provider, secret, expected=expected)
            except OoError as error:
                answered(str(error))
            else:
                answered(None)

        self._run(work)

    def _check_client(self, provider: ProviderId, text: str) -> str | None:
        if (begun := self._begun()) is None:
            return None
        try:
            begun[0].accounts.read_client(provider, text)
        except SignInError as error:
            return str(error)
        return None

    def _bring_client(self, provider: ProviderId, text: str, answered: Answered) -> None:
        """What goes wrong with the file is told where it was brought; the rest as ever."""

        async def work(engine: "Engine", _notifying: "Notifying") -> None:
            try:
                await engine.bring_client(provider, text)
            except OoError as error:
                answered(str(error))
            else:
                answered(None)
                await engine.sign_in(provider)

        self._run(work)

    def _disconnect(self, key: AccountKey) -> None:
        async def work(engine: "Engine", notifying: "Notifying") -> None:
            await notifying.disconnected(await engine.disconnect(key))

        self._run(work)


def _copy_link(engine: "Engine", provider: ProviderId) -> None:
    for sign_in in engine.accounts.sign_ins():
        if sign_in.provider == provider:
            QGuiApplication.clipboard().setText(sign_in.url)
