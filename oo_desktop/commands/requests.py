"""What the command line, and any other local program, may ask the running oO."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

from oo_desktop import __version__
from oo_desktop.commands import json
from oo_desktop.commands.json import Json, calendar_json, clicks_json, refresh_json, signal_json
from oo_desktop.engine import Engine
from oo_desktop.errors import Rejected
from oo_desktop.ipc import CommandError, Progress, Request
from oo_desktop.ipc.protocol import WRONG_USAGE
from oo_desktop.model.reschedule import possible_actions
from oo_desktop.model.signals import (
    REPLIES,
    RESCHEDULES,
    AccountKey,
    ActionKind,
    Calendar,
    ProviderId,
    SignalKey,
)
from oo_desktop.model.state import OutboxItem, OutboxState
from oo_desktop.model.text import elided, plain_text
from oo_desktop.model.zones import machine_zone
from oo_desktop.store.integrations import Integration
from oo_desktop.ui.view.agenda import zones_of
from oo_desktop.ui.view.planned import meeting_to_join

Answer = object
"""Anything JSON can say."""

ACTIONS = (ActionKind.DONE, ActionKind.REOPEN, *RESCHEDULES, *REPLIES)
"""What can be asked of a signal by name."""

NOTHING_REFUSED = "Nothing was refused for this id. See: oo-desktop outbox"
NOTHING_TO_UNDO = "There is nothing to undo for this id. See: oo-desktop undo --list"

NO_REPLIES = (
    "oO may only read this calendar. Choose “Allow replies to invitations” in oO’s menu, under "
    "Accounts, or run: oo-desktop connect {provider} --write"
)

MISSING = {
    "id": "Which task or event? Give its id. See: oo-desktop signals",
    "action": "What is to be done with it? Give an action, such as “done”.",
    "provider": "Which service? Give its name, such as “todoist”.",
    "calendar": "Which calendar? Give its id. See: oo-desktop calendars",
}
"""What is said where a request leaves out a word."""


class Requests:
    """Answers requests. Every sentence an OoError carries goes back to whoever asked.

    wake: makes oO seen, for somebody who started it a second time.
    open_url: shows a URL in the browser. Raises OoError.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        wake: Callable[[], object],
        open_url: Callable[[str], Awaitable[object]],
    ) -> None:
        self._engine = engine
        self._open_url = open_url
        self._wake_screen = wake
        self._commands: Mapping[
            str, Callable[[Mapping[str, object], Progress], Awaitable[Answer]]
        ] = {
            "wake": self._wake,
            "status": self._status,
            "signals": self._signals,
            "integrations": self._integrations,
            "calendars": self._calendars,
            "show_calendar": self._show_calendar,
            "done": self._done,
            "act": self._act,
            "undo": self._undo,
            "undoable": self._undoable,
            "retry": self._retry,
            "discard": self._discard,
            "outbox": self._outbox,
            "join": self._join,
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
        return json.status_json(self._engine.state(), version=__version__)

    async def _signals(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        return json.signals_json(self._engine.state(), self._engine.clock.now())

    async def _integrations(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        return json.integrations_json(self._engine.state())

    async def _calendars(self, args: Mapping[str, object], _progress: Progress) -> Answer:
        return [calendar_json(*found) for found in self._calendars_of(_user(args))]

    async def _show_calendar(self, args: Mapping[str, object], _progress: Progress) -> Answer:
        """The choice is kept whatever the service says, so it is told as chosen."""
        named, user_id, shown = _text(args, "calendar"), _user(args), args.get("shown") is True
        key, calendar = self._calendar(named, user_id)
        await self._engine.choose_calendar(key, calendar.id, shown=shown)
        told = calendar_json(*self._calendar(named, key.user_id))
        return {**told, "shown": shown}

    async def _done(self, args: Mapping[str, object], _progress: Progress) -> Answer:
        item = self._engine.act(self._signal_key(_text(args, "id")), ActionKind.DONE)
        return {"id": item.signal.id, "title": item.signal.title, "undo": item.number}

    async def _act(self, args: Mapping[str, object], _progress: Progress) -> Answer:
        kind = _action(_text(args, "action"))
        if kind is ActionKind.REOPEN:
            key = _named(_text(args, "id"), self._engine.outbox.undoable(), NOTHING_TO_UNDO).key
            taken_back = self._engine.act(key, kind)
            return {**self._told(taken_back), "action": kind.value, "undo": None}
        key = self._signal_key(_text(args, "id"))
        self._check_possible(key, kind)
        item = self._engine.act(key, kind)
        return {**self._told(item), "undo": item.number}

    async def _undo(self, args: Mapping[str, object], _progress: Progress) -> Answer:
        offered = self._engine.outbox.undoable()
        number = None
        if args.get("id") is not None:
            number = _named(_text(args, "id"), offered, NOTHING_TO_UNDO).number
        item = self._engine.outbox.undo(number)
        if item is None:
            raise Rejected("There is nothing to undo.")
        return self._told(item)

    async def _undoable(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        return clicks_json(self._engine.state(), self._engine.outbox.undoable())

    async def _retry(self, args: Mapping[str, object], _progress: Progress) -> Answer:
        if args.get("all") is True:
            return [self._told(item) for item in await retry_all(self._engine)]
        number = self._refused(_text(args, "id")).number
        item = self._engine.retry(number)
        return [self._told(item)] if item else []

    async def _discard(self, args: Mapping[str, object], _progress: Progress) -> Answer:
        item = self._refused(_text(args, "id"))
        self._engine.outbox.discard(item.number)
        return self._told(item)

    async def _outbox(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        return json.outbox_json(self._engine.state())

    async def _join(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        state, now = self._engine.state(), self._engine.clock.now()
        meeting = meeting_to_join(state, now, local_zone=machine_zone())
        if meeting is None or meeting.join_url is None:
            raise Rejected(
                "There is no meeting to join: none with a link is running or begins within an hour."
            )
        await self._open_url(meeting.join_url)
        return signal_json(state, meeting.entry, now)

    async def _refresh(self, _args: Mapping[str, object], _progress: Progress) -> Answer:
        await self._engine.refresh()
        return refresh_json(self._engine.state())

    async def _connect(self, args: Mapping[str, object], progress: Progress) -> Answer:
        provider = ProviderId(_text(args, "provider"))
        user_id = _user(args)
        expected = None if user_id is None else self._account(provider, user_id)
        known = {integration.key for integration in self._engine.accounts.all()}
        if "token" in args:
            integration = await self._engine.connect_with_token(
                provider, _text(args, "token"), expected=expected
            )
        else:
            if args.get("client") is not None:
                await self._engine.bring_client(provider, _text(args, "client"))
            integration = await self._signed_in(
                provider,
                expected=expected,
                browser=args.get("browser", True) is True,
                write=args.get("write") is True,
                progress=progress,
            )
        return {
            "provider": integration.key.provider,
            "user_id": integration.key.user_id,
            "label": integration.label,
            "reconnected": integration.key in known,
        }

    async def _disconnect(self, args: Mapping[str, object], _progress: Progress) -> Answer:
        key = self._account(ProviderId(_text(args, "provider")), _user(args))
        gone = await self._engine.disconnect(key)
        return {
            "provider": key.provider,
            "user_id": key.user_id,
            "label": gone.label,
            "dropped": gone.dropped,
            "revoke_url": gone.revoke_url,
            "revoked": gone.revoked,
            "note": gone.note,
        }

    async def _signed_in(
        self,
        provider: ProviderId,
        *,
        expected: AccountKey | None,
        browser: bool,
        write: bool,
        progress: Progress,
    ) -> Integration:
        """Wait for a sign-in. Whoever gives that up gives up the sign-in they began, no other."""
        joined = any(waiting.provider == provider for waiting in self._engine.state().sign_ins)
        try:
            running = await self._engine.connect(
                provider, expected=expected, browser=browser, write=write
            )
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
            raise Rejected(
                f"There is no such {provider} account here. See: oo-desktop integrations"
            )
        if len(found) > 1:
            users = ", ".join(key.user_id for key in found)
            raise CommandError(
                f"Which {provider} account? Choose with --user: {users}.", code=WRONG_USAGE
            )
        return found[0]

    def _calendars_of(self, user_id: str | None) -> list[tuple[AccountKey, Calendar]]:
        """Those of one user, or of all, by account. Raises Rejected for nobody."""
        accounts = self._engine.state().accounts
        found = [each for each in accounts if user_id in (None, each.key.user_id)]
        if user_id is not None and not found:
            raise Rejected(f"There is no account {elided(plain_text(user_id), 100)} here.")
        return [(each.key, calendar) for each in found for calendar in each.calendars]

    def _calendar(self, named: str, user_id: str | None) -> tuple[AccountKey, Calendar]:
        """The calendar meant by its id and, where several accounts have it, a user."""
        found = [each for each in self._calendars_of(user_id) if each[1].id == named]
        if not found:
            raise Rejected("There is no calendar with this id here. See: oo-desktop calendars")
        if len(found) > 1:
            users = ", ".join(key.user_id for key, _ in found)
            raise CommandError(
                f"Several accounts have this calendar. Choose with --user: {users}.",
                code=WRONG_USAGE,
            )
        return found[0]

    def _signal_key(self, text: str) -> SignalKey:
        """The signal named by its id, or by `source:user_id:id` where an id occurs twice."""
        found = {
            signal.key
            for signals in self._engine.state().signals.values()
            for signal in signals
            if text in _names(signal.key)
        }
        return _the_one(text, found, "Nothing with this id is on the list. See: oo-desktop signals")

    def _check_possible(self, key: SignalKey, kind: ActionKind) -> None:
        """Raises Rejected, in words that say what would be possible."""
        signal = self._engine.signal(key)
        local = machine_zone()
        zone = zones_of(self._engine.state(), local).get(key.account, local)
        if kind in REPLIES and not self._engine.accounts.may_write(key.account):
            raise Rejected(NO_REPLIES.format(provider=key.account.provider))
        possible = possible_actions(signal, self._engine.clock.now(), zone)
        if kind not in possible:
            title = elided(plain_text(signal.title) or "(no title)", 50)
            instead = f" Possible now: {', '.join(possible)}." if possible else ""
            raise Rejected(f"“{title}” does not offer {kind} now.{instead}")

    def _refused(self, text: str) -> OutboxItem:
        """The newest refused click on the signal named."""
        items = self._engine.outbox.items()
        refused = [item for item in reversed(items) if item.state is OutboxState.REFUSED]
        return _named(text, refused, NOTHING_REFUSED)

    def _told(self, item: OutboxItem) -> Json:
        """A click as `outbox` tells it."""
        (told,) = clicks_json(self._engine.state(), [item])
        return told


async def retry_all(engine: Engine) -> tuple[OutboxItem, ...]:
    """Send everything that was refused again, leaving room for others in between.

    Raises StoreError.
    """
    tried = []
    for item in engine.outbox.items():
        if item.state is OutboxState.REFUSED and (again := engine.retry(item.number)):
            tried.append(again)
            await asyncio.sleep(0)
    return tuple(tried)


def _named(text: str, items: Collection[OutboxItem], nothing: str) -> OutboxItem:
    """The first of `items` on the signal that `text` names; `nothing`: said where there is none."""
    found = {item.key for item in items if text in _names(item.key)}
    key = _the_one(text, found, nothing)
    return next(item for item in items if item.key == key)


def _the_one(text: str, found: Collection[SignalKey], nothing: str) -> SignalKey:
    if len(found) > 1:
        names = ", ".join(sorted(_names(key)[1] for key in found))
        raise CommandError(f"Two accounts have {text}. Choose one: {names}.", code=WRONG_USAGE)
    for key in found:
        return key
    raise Rejected(nothing)


def _names(key: SignalKey) -> tuple[str, str]:
    return key.id, ":".join((*key.account, key.id))


def _action(word: str) -> ActionKind:
    """`next-week` and `Next week` mean next_week. Raises CommandError."""
    name = "_".join(word.lower().replace("-", " ").replace("_", " ").split())
    for kind in ACTIONS:
        if kind.value == name:
            return kind
    raise CommandError(
        f"There is no action “{word[:40]}”. Possible: {', '.join(ACTIONS)}.", code=WRONG_USAGE
    )


def _user(args: Mapping[str, object]) -> str | None:
    """The user that is named; None where none is."""
    return None if args.get("user") is None else _text(args, "user")


def _text(args: Mapping[str, object], name: str) -> str:
    value = args.get(name)
    if not isinstance(value, str) or not value:
        raise CommandError(MISSING.get(name, f"The request names no {name}."), code=WRONG_USAGE)
    return value
