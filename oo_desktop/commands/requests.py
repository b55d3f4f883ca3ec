"""Answers what the command line, or any other local program, asks of the running oO.

A request becomes a command by its name and its arguments' types alone (`command_from_request`), and
what the command came to becomes JSON (`RequestHandler._answer`); what lies between is `execute.py`.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import NoReturn, get_args

import msgspec
from msgspec.structs import FieldInfo

from oo_desktop import __version__
from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.changes import ListChanges
from oo_desktop.agenda.placement import Entry
from oo_desktop.commands import commands
from oo_desktop.commands.commands import Asker, Command, Word
from oo_desktop.commands.execute import WHICH_SIGNAL, Connected, Executor
from oo_desktop.commands.json import (
    Json,
    added_json,
    calendar_json,
    clicks_json,
    connected_json,
    disconnected_json,
    instant_json,
    integrations_json,
    outbox_json,
    refresh_json,
    setting_json,
    signal_json,
    signals_json,
    status_json,
)
from oo_desktop.engine import Engine
from oo_desktop.errors import OoError, Rejected, SignInError
from oo_desktop.http.passwords import CredentialsError
from oo_desktop.integrations.accounts import Disconnected
from oo_desktop.ipc.protocol import WRONG_USAGE, CommandError, Progress, Request
from oo_desktop.language import translated, untranslated
from oo_desktop.model.clicks import OutboxItem
from oo_desktop.model.settings import CurrentSetting
from oo_desktop.model.signals import (
    REPLIES,
    RESCHEDULES,
    AccountKey,
    ActionKind,
    Calendar,
)
from oo_desktop.model.state import AppState

NAMED_ACTIONS = tuple(
    kind
    for kind in (ActionKind.DONE, ActionKind.REOPEN, *RESCHEDULES, *REPLIES)
    if kind is not ActionKind.ON_DAY  # which takes a day as well
)
"""What can be asked of a signal by name."""

MISSING = {
    "id": WHICH_SIGNAL,
    "text": untranslated("What is to be added? Give the task a name."),
    "action": untranslated("What is to be done with it? Give an action, such as “done”."),
    "provider": untranslated("Which service? Give its name, such as “todoist”."),
    "name": untranslated("Which setting? Give its name. See: oo-desktop settings"),
    "value": untranslated("Which value? Give one. See: oo-desktop settings"),
    "until": untranslated("For how long? Say 30m, 1h or tomorrow."),
    "calendar": untranslated("Which calendar? Give its id. See: oo-desktop calendars"),
}
"""What is said where a request leaves out a word."""

COMMANDS = {
    kind.__struct_config__.tag: kind
    for kind in get_args(Command)
    if kind.__struct_config__.tag is not None
}
"""The commands that may come over the socket, by their names there."""


class RequestHandler:
    """Answers requests. Every sentence an OoError carries goes back to whoever asked.

    agenda: selects what is on the list, as for the screen.
    changes: tells when the screen shows another list.
    """

    def __init__(
        self, *, engine: Engine, agenda: Agenda, changes: ListChanges, executor: Executor
    ) -> None:
        self._engine = engine
        self._agenda = agenda
        self._changes = changes
        self._executor = executor

    async def answer(self, command: Command, progress: Progress) -> object:
        """Carry out what a request asked; `progress` sends what can be said before the end.

        Returns what JSON can say. Raises OoError; CommandError for wrong usage. A `WatchSignals`
        never ends: its lists are progress.
        """
        if isinstance(command, commands.WatchSignals):
            await self._watch(progress)
        peer = _Peer(progress)
        work = self._executor.execute(command, peer)
        if work is not None:
            await work
        if isinstance(peer.error, CredentialsError):
            raise CommandError(str(peer.error), field=peer.error.field) from peer.error
        if peer.error is not None:
            raise peer.error
        return self._answer(command, peer.result)

    async def _watch(self, progress: Progress) -> NoReturn:
        """Tell the list, and again whenever it reads otherwise, until this is cancelled."""
        changed = asyncio.Event()
        changed.set()
        leave = self._changes.follow(changed.set)
        told: object = None
        try:
            while True:
                await changed.wait()
                changed.clear()
                listed = await self.answer(commands.ListSignals(), progress)
                if listed != told:
                    progress({"signals": listed})
                told = listed
        finally:
            leave()

    def _answer(self, command: Command, result: object) -> object:  # noqa: C901  # a table
        """Return what `command` came to, as scripts are told."""
        match command, result:
            case commands.Done(), OutboxItem() as done:
                click = self._engine.click_as_shown(done)
                return {"id": click.signal.id, "title": click.signal.title, "undo": click.number}
            case commands.Add(), OutboxItem() as click:
                return added_json(self._engine.state(), click, self._engine.clock.now())
            case commands.Act(_, ActionKind.REOPEN as kind), OutboxItem() as click:
                return {**self._told(click), "action": kind.value, "undo": None}
            case commands.Act(), OutboxItem() as click:
                return {**self._told(click), "undo": click.number}
            case ((commands.Undo() | commands.Discard()), OutboxItem() as click):
                return self._told(click)
            case commands.Undo(), None:
                raise Rejected(translated("There is nothing to undo."))
            case commands.Retry(), OutboxItem() as click:
                return [self._told(click)]
            case commands.Retry(), None:
                return []
            case ((commands.Retry() | commands.ListUndoable()), tuple() as clicks):
                shown = map(self._engine.click_as_shown, clicks)
                return clicks_json(self._engine.state(), shown)
            case commands.Join(), Entry() as meeting:
                return signal_json(self._engine.state(), meeting, self._engine.clock.now())
            case commands.Pause(), datetime() as end:
                return {"paused_until": instant_json(end)}
            case commands.Resume(), _:
                return {"paused_until": None}
            case commands.Refresh(), _:
                return refresh_json(self._engine.state())
            case commands.TellStatus(), AppState() as state:
                return status_json(state, version=__version__)
            case commands.ListSignals(), AppState() as state:
                return signals_json(state, self._agenda.select(state, self._engine.clock.now()))
            case commands.TellReport(), dict() as report:
                return report
            case commands.ListIntegrations(), AppState() as state:
                return integrations_json(state)
            case commands.ListOutbox(), AppState() as state:
                return outbox_json(state)
            case commands.ListCalendars(), list() as calendars:
                return [calendar_json(*each) for each in calendars]
            case commands.ShowCalendar(shown=shown), (AccountKey() as key, Calendar() as calendar):
                # The choice is kept whatever the service says, so it is told as chosen.
                return {**calendar_json(key, calendar), "shown": shown}
            case commands.Connect(), Connected(integration, again):
                return connected_json(integration, again=again)
            case commands.Connect(), None:
                raise SignInError(translated("The sign-in was cancelled."))
            case commands.Change(), CurrentSetting() as current:
                return setting_json(current)
            case commands.ListSettings(), tuple() as settings:
                return [setting_json(current) for current in settings]
            case commands.Disconnect(), Disconnected() as gone:
                return disconnected_json(gone)
            case _:
                return {}

    def _told(self, click: OutboxItem) -> Json:
        """Return a click as `outbox` tells it."""
        (told,) = clicks_json(self._engine.state(), [self._engine.click_as_shown(click)])
        return told


class _Peer(Asker):
    """Waits for what becomes of a command, on behalf of whoever is at the other end."""

    waits = True

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.result: object = None
        self.error: OoError | None = None

    def progress(self, said: Mapping[str, object]) -> None:
        self._progress(said)

    def answered(self, _command: Command, result: object) -> None:
        self.result = result

    def failed(self, error: OoError) -> None:
        self.error = error


def command_from_request(request: Request) -> Command:
    """Return what is asked for. Raises CommandError, in a sentence on the first wrong argument.

    Arguments that the command does not know are passed over, for a newer peer may send them.
    """
    kind = COMMANDS.get(request.command)
    if kind is None:
        raise CommandError(
            translated("This oO does not know “{command}”.", command=request.command[:40]),
            code=WRONG_USAGE,
        )
    given = {
        field.name: _value(field, request.args.get(field.encode_name))
        for field in msgspec.structs.fields(kind)
        if field.required or field.encode_name in request.args
    }
    command: Command = kind(**given)
    return command


def _value(field: FieldInfo, said: object) -> object:
    """Return what an argument means. Raises CommandError where it is not of the field's type."""
    if field.type is bool:
        return said is True
    name, is_action = field.encode_name, field.type is ActionKind
    try:
        if isinstance(said, int | float):  # only rows know clicks by their numbers
            raise msgspec.ValidationError
        value = msgspec.convert(said, Word if is_action else field.type)
    except msgspec.ValidationError:
        what = translated(MISSING[name]) if name in MISSING else _names_no(name)
        raise CommandError(what, code=WRONG_USAGE) from None
    return action_from_words(value) if is_action else value


def _names_no(argument: str) -> str:
    return translated("The request names no {argument}.", argument=argument)


def action_from_words(words: str) -> ActionKind:
    """Return what `next-week` or `Next week` mean: next_week. Raises CommandError."""
    name = "_".join(words.lower().replace("-", " ").replace("_", " ").split())
    for kind in NAMED_ACTIONS:
        if kind.value == name:
            return kind
    raise CommandError(
        translated(
            "There is no action “{name}”. Possible: {actions}.",
            name=words[:40],
            actions=", ".join(NAMED_ACTIONS),
        ),
        code=WRONG_USAGE,
    )
