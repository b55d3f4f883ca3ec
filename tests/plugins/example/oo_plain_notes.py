"""Shows the notes of a Plain Notes server, and ticks them off."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated
from urllib.parse import quote

import msgspec

from oo_desktop import connector as oo

WORDS = {oo.ActionKind.DONE: "done", oo.ActionKind.REOPEN: "open"}


class Settings(msgspec.Struct):
    """The section [plain_notes] of config.toml."""

    api_url: str = "https://notes.example.org/api/"


class Me(msgspec.Struct):
    id: str
    email: str


class Note(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    text: str
    due: date | None = None


class NotesSource:
    """Keeps to what `oo.SignalSource` and `oo.ActingSource` state."""

    id = oo.ProviderId("plain_notes")

    def __init__(self, client: Callable[[oo.UserId], oo.ServiceClient]) -> None:
        self._client = client

    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        notes = oo.decoded(await self._client(user_id).get("notes"), list[Note])
        tasks = {
            note.id: oo.Task(
                id=oo.SignalId(note.id),
                source=self.id,
                user_id=user_id,
                title=note.text,
                due=oo.Day(note.due) if note.due else None,
                actions=(oo.ActionKind.DONE,),
            )
            for note in notes
        }
        return oo.Snapshot(signals=tuple(tasks.values()))

    async def act(self, user_id: oo.UserId, signal_id: oo.SignalId, action: oo.Action) -> None:
        if action.kind not in WORDS:
            raise oo.Rejected("Plain Notes cannot do this.")
        path = f"notes/{quote(signal_id, safe='')}/{WORDS[action.kind]}"
        try:
            # A server that knows the uuid does nothing a second time.
            await self._client(user_id).post(path, json={"uuid": action.uuid})
        except oo.Refused as error:
            gone = error.status == 404 and action.kind is oo.ActionKind.DONE
            if not gone:
                raise


async def identity(client: oo.ServiceClient) -> oo.Identity:
    me = oo.decoded(await client.get("me"), Me)
    return oo.Identity(oo.UserId(me.id), me.email)


def connector(section: Mapping[str, object]) -> oo.Connector:
    settings = msgspec.convert(section, Settings)
    return oo.Connector(
        provider=oo.token_provider(
            id=NotesSource.id, name="Plain Notes", api_url=settings.api_url, identity=identity
        ),
        source=lambda given: NotesSource(given.clients),
    )
