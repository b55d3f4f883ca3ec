"""Takes oO back to before its first start: `oo-desktop reset`.

The oO that runs is asked to quit, and its lock is taken, so that nobody uses what is deleted. Then
every account is disconnected as its menu would: the keyring's entry first, the access at the
service where that can be ended, and all that is cached. Files come last, and by their names alone:
the folder may be somebody's own (`OO_DESKTOP_HOME`).

While the keyring does not let go of a token, the database stays, for only its rows lead to the
entry; what remained is said, and the exit code is 1. config.toml is the person's own, and stays
unless they say otherwise. The lock's file stays, as always: two could hold it otherwise.
"""

import asyncio
import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from oo_desktop.app.live_settings import LiveSettings
from oo_desktop.cli import text
from oo_desktop.cli.terminal import Terminal
from oo_desktop.clock import SystemClock
from oo_desktop.commands.json import disconnected_json
from oo_desktop.connectors.registry import full_registry
from oo_desktop.engine import Engine
from oo_desktop.errors import VaultError
from oo_desktop.folders import WRITTEN, Folders
from oo_desktop.integrations.accounts import Disconnected
from oo_desktop.integrations.keyring import KeyringPort
from oo_desktop.ipc.client import ask, running_pid, wait_until_gone
from oo_desktop.ipc.instance import LOCK_NAME, InstanceError, InstanceLock, NotRunning
from oo_desktop.ipc.protocol import FAILED, WRONG_USAGE, CommandError
from oo_desktop.language import translated, untranslated

KEYRING_SECONDS = 60.0
"""How long the keyring has, which may have to ask for its password first."""

LOCK_SECONDS = 5.0
"""How long to wait for the lock, which whoever looks at it holds for an instant."""

WARNING = untranslated(
    "This ends oO, disconnects every account, and deletes its tokens and passwords, its data, its "
    "log and its start at login. Clicks that were not sent yet are lost. Your keyring may ask you "
    "to unlock it."
)
SURE_WORD, SETTINGS_WORD = "reset", "settings"


class Forgotten(Struct, kw_only=True):
    """Says what became of the accounts.

    remained: a sentence for each that is still there, and why.
    """

    disconnected: list[Disconnected]
    remained: list[str]


def reset(options: Namespace, terminal: Terminal, folders: Folders) -> int:
    """Do it, after asking; returns the exit code. Raises OoError where nothing was done."""
    settings: bool = options.settings
    if not options.yes:
        settings = _asked(terminal, folders, settings=settings)
    with _instead_of_the_running(folders):
        forgotten = asyncio.run(_forget_accounts(folders))
        complete = not forgotten.remained
        deleted, failed = _delete(_files(folders, settings=settings, data=complete), folders)
    kept = [] if settings or not folders.config_file.exists() else [str(folders.config_file)]
    remained = [*forgotten.remained, *failed]
    if options.json:
        told = list(map(disconnected_json, forgotten.disconnected))
        answer = {"accounts": told, "deleted": deleted, "kept": kept, "remained": remained}
        terminal.say(json.dumps(answer))
    else:
        terminal.say("\n".join(_sentences(forgotten, folders, kept=kept, complete=complete)))
    for sentence in remained:
        terminal.note(text.plain(sentence))
    return FAILED if remained else 0


def _asked(terminal: Terminal, folders: Folders, *, settings: bool) -> bool:
    """Whether the settings are to go, too. Raises CommandError where nothing is to be done."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise CommandError(
            translated("There is nobody to ask. Say --yes to reset oO."), code=WRONG_USAGE
        )
    terminal.note(translated(WARNING))
    if _answer(terminal, translated("Type “{word}” to go on:", word=SURE_WORD)) != SURE_WORD:
        raise CommandError(translated("Nothing was changed."))
    if settings or not folders.config_file.exists():
        return settings
    terminal.note(translated("Your settings in {file} stay.", file=folders.config_file))
    question = translated(
        "Type “{word}” to delete them, too; else press Enter:", word=SETTINGS_WORD
    )
    return _answer(terminal, question) == SETTINGS_WORD


def _answer(terminal: Terminal, question: str) -> str:
    terminal.note(question)
    return sys.stdin.readline().strip().strip("“”\"'").lower()


def _instead_of_the_running(folders: Folders) -> InstanceLock:
    """The lock, once whoever held it has quit. Raises InstanceError, CommandError."""
    folders.create()
    end = time.monotonic() + LOCK_SECONDS
    while True:
        with suppress(NotRunning):  # it ended by itself
            pid = running_pid(folders.runtime)
            if pid is not None:
                ask(folders.runtime, "quit")
                wait_until_gone(folders.runtime, pid)
        if (lock := InstanceLock.acquire(folders.runtime)) is not None:
            return lock
        if time.monotonic() > end:
            raise InstanceError(translated("oO was started again meanwhile. Nothing was deleted."))
        time.sleep(0.05)


async def _forget_accounts(folders: Folders) -> Forgotten:
    """Disconnect every account. Raises StoreError where they cannot be read."""
    forgotten = Forgotten(disconnected=[], remained=[])
    if not folders.database.exists():
        return forgotten
    clock = SystemClock()
    live = LiveSettings(folders.config_file, apply=lambda _settings: None)
    live.read()
    engine = Engine(
        folders=folders,
        settings=live.settings,
        keyring=KeyringPort(clock=clock, deadline=KEYRING_SECONDS),
        clock=clock,
        open_browser=_no_browser,
        registry=await full_registry(live.settings),
    )
    try:
        engine.load()
        await _disconnect_all(engine, forgotten)
    finally:
        await engine.stop()
    return forgotten


async def _disconnect_all(engine: Engine, forgotten: Forgotten) -> None:
    """Nothing is asked of a keyring that has said no: a person is not asked over and over."""
    accounts = engine.accounts.all()
    clients = [(each.key.provider, each.client_id) for each in accounts]
    refused = False
    for each in accounts:
        if refused:
            forgotten.remained.append(
                translated("{account} is still connected, too.", account=each.label)
            )
            continue
        try:
            forgotten.disconnected.append(await engine.accounts.disconnect(each.key))
        except VaultError as error:
            refused = True
            forgotten.remained.append(str(error))
    if refused:
        return
    try:
        await engine.accounts.delete_clients(clients)
    except VaultError as error:
        # Translators: why is a whole sentence
        why = translated("The secret of your own client is still there. {why}", why=error)
        forgotten.remained.append(why)


async def _no_browser(_url: str) -> bool:
    return False


def _files(folders: Folders, *, settings: bool, data: bool) -> Iterator[Path]:
    """Yield what is to be deleted; data: the database as well."""
    for file in WRITTEN:
        folder: Path = getattr(folders, file.folder)
        for path in sorted(folder.glob(file.names)):
            of_database = path.name.startswith(folders.database.name)
            stays = (
                path.name == LOCK_NAME
                or (path == folders.config_file and not settings)
                or (of_database and not data)
            )
            if not stays:
                yield path
    if sys.platform == "linux":
        from oo_desktop.linux.autostart import XdgAutostart

        yield XdgAutostart().file


def _delete(paths: Iterator[Path], folders: Folders) -> tuple[list[str], list[str]]:
    """Delete them, and those of oO's folders that are empty then.

    Returns those deleted, and a sentence for each that could not be.
    """
    deleted, failed = [], []
    for path in paths:
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            failed.append(
                translated("{file} cannot be deleted: {why}.", file=path, why=error.strerror)
            )
        else:
            deleted.append(str(path))
    for folder in folders:
        if folder.name == "oo-desktop":  # else it was there before oO
            with suppress(OSError):
                folder.rmdir()
    return deleted, failed


def _sentences(
    forgotten: Forgotten, folders: Folders, *, kept: list[str], complete: bool
) -> Iterator[str]:
    reader = text.Reader(datetime.now(UTC).astimezone())
    for gone in forgotten.disconnected:
        yield text.disconnected(disconnected_json(gone), reader)
    if complete:
        yield translated("oO has forgotten everything, and is as before its first start.")
    else:
        yield translated(
            "The rest is deleted. {file} stays, for it knows what is left to do.",
            file=folders.database,
        )
    for path in kept:
        yield translated(
            "Your settings stay: {file}. To delete them, too: oo-desktop reset --settings",
            file=path,
        )
