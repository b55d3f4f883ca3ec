"""What the command line, and any other local program, may ask the running oO."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from oo_desktop import __version__
from oo_desktop.engine import Engine
from oo_desktop.errors import Rejected
from oo_desktop.ipc import CommandError, Progress, Request
from oo_desktop.ipc.protocol import WRONG_USAGE
from oo_desktop.signals.model import AccountKey, ProviderId, SignalKey
from oo_desktop.store.integrations import Integration
from oo_desktop.ui import view_model

Answer = object
"""Anything JSON can say."""


class Requests:
    """Answers requests. Every sentence an OoError carries goes back to whoever asked.

    wake: makes oO seen, for somebody who started it a second time.
    """

    def __init__(self, *, engine: Engine, wake: Callable[[], object]) -> None:
        self._engine = engine
        self._wake_screen = wake
        self._commands: Mapping[
            str, Callable[[Mapping[str, object], Progress], Awaitable[Answer]]
        ] = {
            "wake": self._wake,
            "status": self._status,
            "signals": self._signals,
            "integrations": self._integrations,
            "done": self._done,
            "undo": self._undo,
            "refresh": self._refresh,
            "connect": self._connect,
            "disconnect": self._disconnect,
        }

    async def handle(self, request: Request, progress: Progress) -> Answer:
        """Carry out one request; `progress` sends what can be said before the end."""
        command = self._commands.get(request.command)
        if command is None:
            raise CommandError(f"This oO does not know “{request.command[:40]}”.", code=WRONG_USAGE)
        return await command(request.args, progress)

    async def _wake(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        self._wake_screen()
        return {}

    async def _status(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        return view_model.status_json(self._engine.state(), version=__version__)

    async def _signals(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        return view_model.signals_json(self._engine.state(), self._engine.clock.now())

    async def _integrations(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        return view_model.integrations_json(self._engine.state())

    async def _done(self, args: Mapping[str, object], _progress: Progress) -> Answer:
        item = self._engine.done(self._signal_key(_text(args, "id")))
        return {"id": item.signal.id, "title": item.signal.title, "undo": item.number}

    async def _undo(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        item = self._engine.outbox.undo()
        if item is None:
            raise Rejected("There is nothing to undo.")
        return {"id": item.signal.id, "title": item.signal.title}

    async def _refresh(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        await self._engine.refresh()
        return {"accounts": view_model.integrations_json(self._engine.state())}

    async def _connect(self, args: Mapping[str, object], progress: Progress) -> Answer:
        provider = ProviderId(_text(args, "provider"))
        if "token" in args:
            integration = await self._engine.connect_with_token(provider, _text(args, "token"))
        else:
            browser = args.get("browser", True) is True
            integration = await self._signed_in(provider, browser=browser, progress=progress)
        return {
            "provider": integration.key.provider,
            "user_id": integration.key.user_id,
            "label": integration.label,
        }

    async def _disconnect(self, args: Mapping[str, object], _progress: Progress) -> Answer:
        user_id = _text(args, "user") if args.get("user") is not None else None
        key = self._account(ProviderId(_text(args, "provider")), user_id)
        gone = await self._engine.disconnect(key)
        return {
            "provider": key.provider,
            "user_id": key.user_id,
            "label": gone.label,
            "dropped": gone.dropped,
            "revoke_url": gone.revoke_url,
        }

    async def _signed_in(
        self, provider: ProviderId, *, browser: bool, progress: Progress
    ) -> Integration:
        """Wait for a sign-in. Whoever gives that up gives up the sign-in they began, no other."""
        joined = any(waiting.provider == provider for waiting in self._engine.state().sign_ins)
        try:
            running = await self._engine.connect(provider, browser=browser)
            progress({"url": await running.url()})
            return await running.result()
        except asyncio.CancelledError:
            if not joined:
                self._engine.accounts.cancel(provider)
            raise

    def _account(self, provider: ProviderId, user_id: str | None) -> AccountKey:
        """The account meant by a provider and, where it has several, a user."""
        keys = [account.key for account in self._engine.state().accounts]
        found = [key for key in keys if key.provider == provider and user_id in (None, key.user_id)]
        if not found:
            raise Rejected(f"There is no such {provider} account here.")
        if len(found) > 1:
            users = ", ".join(key.user_id for key in found)
            raise CommandError(
                f"Which {provider} account? Choose with --user: {users}.", code=WRONG_USAGE
            )
        return found[0]

    def _signal_key(self, text: str) -> SignalKey:
        """The signal named by its id, or by `source:user_id:id` where an id occurs twice."""
        found = [
            signal.key
            for signals in self._engine.state().signals.values()
            for signal in signals
            if text in (signal.id, f"{signal.source}:{signal.user_id}:{signal.id}")
        ]
        if len(found) > 1:
            names = ", ".join(":".join((*key.account, key.id)) for key in found)
            raise CommandError(f"Two accounts have {text}. Choose one: {names}.", code=WRONG_USAGE)
        if found:
            return found[0]
        raise Rejected("No task with this id is on the list.")


def _text(args: Mapping[str, object], name: str) -> str:
    value = args.get(name)
    if not isinstance(value, str) or not value:
        raise CommandError(f"The request needs “{name}”, a text.", code=WRONG_USAGE)
    return value
