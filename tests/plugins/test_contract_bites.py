"""The contract finds connectors out that break it, each by the test that is meant for it."""

import asyncio
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from oo_desktop import connector as oo
from oo_desktop.connectors.base import Connector
from oo_desktop.model.faults import ConnectorFault
from oo_desktop.testing import ConnectorContract
from tests.plugins.example.oo_plain_notes import Me, Note, NotesSource, connector
from tests.plugins.example.test_plain_notes import PlainNotes

log = logging.getLogger(__name__)


class OfOneUser(NotesSource):
    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        return await super().fetch_signals(oo.UserId("ada"))


class Twice(NotesSource):
    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        found = await super().fetch_signals(user_id)
        return oo.Snapshot(signals=found.signals * 2)


class Cheerful(NotesSource):
    """Takes every failure for an empty list."""

    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        try:
            return await super().fetch_signals(user_id)
        except oo.SourceError:
            return oo.Snapshot(signals=())


class Strict(NotesSource):
    """Lets go what decoding raises."""

    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        msgspec.json.decode(await self._client(user_id).get("notes"), type=list[Note])
        return await super().fetch_signals(user_id)


class Trusting(NotesSource):
    """Takes whatever JSON there is for a list of notes."""

    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        for note in oo.decoded(await self._client(user_id).get("notes"), list[Any]):
            note["text"].upper()
        return await super().fetch_signals(user_id)


class Stubborn(NotesSource):
    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        while True:
            try:
                return await super().fetch_signals(user_id)
            except asyncio.CancelledError:
                continue


class Busy(NotesSource):
    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass
        return await super().fetch_signals(user_id)


class Talkative(NotesSource):
    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        body = await self._client(user_id).get("notes")
        log.info("notes: %s", body)
        return await super().fetch_signals(user_id)


class Growing(NotesSource):
    """Its list depends on how long it runs."""

    seen = 0

    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        found = await super().fetch_signals(user_id)
        self.seen += 1
        first = msgspec.structs.replace(found.signals[0], title=f"seen {self.seen} times")
        return oo.Snapshot(signals=(first, *found.signals[1:]))


class Lazy(NotesSource):
    """Takes what it knows for what there is."""

    async def fetch_again(self, user_id: oo.UserId, known: oo.Snapshot) -> oo.Snapshot:
        return known if known.signals else await self.fetch_signals(user_id)


class Forgetful(NotesSource):
    """Sends each time with another uuid, so that a server does it each time."""

    async def act(self, user_id: oo.UserId, signal_id: oo.SignalId, action: oo.Action) -> None:
        uuid = f"{action.uuid} {time.monotonic_ns()}"
        client = self._client(user_id)
        await client.post(f"notes/{signal_id}/move", json={"uuid": uuid})


class Certain(NotesSource):
    """Takes everything for done."""

    async def act(self, user_id: oo.UserId, signal_id: oo.SignalId, action: oo.Action) -> None:
        try:
            await super().act(user_id, signal_id, action)
        except oo.SourceError:
            return


class Exact(NotesSource):
    """Does not take what is gone for done."""

    async def act(self, user_id: oo.UserId, signal_id: oo.SignalId, action: oo.Action) -> None:
        await self._client(user_id).post(f"notes/{signal_id}/done", json={"uuid": action.uuid})


class Adding(NotesSource):
    """Adds notes as well, as the contract has it."""

    understands_marks = False
    has_inbox = True

    async def add(self, user_id: oo.UserId, task: oo.NewTask, *, may_be_added: bool) -> oo.Added:
        note = {"text": task.title, "due": "2026-11-22", "uuid": self.uuid(task)}
        made = oo.decoded(await self._client(user_id).post("notes", json=note), Made)
        return oo.Added(id=oo.SignalId(made.id))

    def uuid(self, task: oo.NewTask) -> str:
        return task.uuid

    async def remove(
        self,
        user_id: oo.UserId,
        task: oo.NewTask,
        signal_id: oo.SignalId | None,
        *,
        uuid: str,
    ) -> None:
        if signal_id is None:
            raise oo.Rejected("Nobody knows which note this is.")
        path = f"notes/{signal_id}/gone"
        await self._client(user_id).post(path, json={"uuid": uuid})


class Made(msgspec.Struct):
    id: str


class Doubling(Adding):
    """Adds with another uuid each time."""

    def uuid(self, task: oo.NewTask) -> str:
        return f"{task.uuid} {time.monotonic_ns()}"


class Believing(Adding):
    """Takes every failure for a success."""

    async def add(self, user_id: oo.UserId, task: oo.NewTask, *, may_be_added: bool) -> oo.Added:
        try:
            return await super().add(user_id, task, may_be_added=may_be_added)
        except oo.SourceError:
            return oo.Added(id=None)


class Misnaming(Adding):
    """Gives what it has added a name of its own."""

    async def add(self, user_id: oo.UserId, task: oo.NewTask, *, may_be_added: bool) -> oo.Added:
        await super().add(user_id, task, may_be_added=may_be_added)
        return oo.Added(id=oo.SignalId("mine"))


class Keeping(Adding):
    """Says that it has deleted what it has not."""

    async def remove(self, user_id: oo.UserId, *_: Any, **_more: Any) -> None:
        return


class Half(NotesSource):
    """Has an `add`, and nothing else of an AddingSource."""

    async def add(self) -> None:
        return


async def of_anybody(client: oo.ServiceClient) -> oo.Identity:
    try:
        me = oo.decoded(await client.get("me"), Me)
    except oo.SourceError:
        return oo.Identity(oo.UserId("nobody"), "Nobody")
    return oo.Identity(oo.UserId(me.id), me.email)


@dataclass
class MovingNotes(PlainNotes):
    """A service with a change that is not the same when it is made twice, and with new notes."""

    moves: int = field(default=0)
    added: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, sent: Any) -> tuple[int, object]:
        if sent.path == "notes" and sent.method == "POST":
            uuid = sent.json["uuid"]
            if uuid not in self.added:
                self.added[uuid] = f"new-{len(self.added)}"
                self.open[self.added[uuid]] = {"id": self.added[uuid], **sent.json}
            return 200, {"id": self.added[uuid]}
        if sent.path.endswith("/gone"):
            self.open.pop(sent.path.split("/")[1], None)
            return 200, {}
        if sent.path.endswith("/move"):
            self.moves += 1
            id_ = sent.path.split("/")[1]
            self.open[id_] = {**self.open[id_], "due": f"2026-12-{self.moves:02}"}
            return 200, {}
        return super().answer(sent)


class TellingNotes(MovingNotes):
    """Answers the question for changes when there are some."""

    version = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.changed = asyncio.Condition()

    async def request(self, method: str, url: str, **more: Any) -> Any:
        path, params = url.rpartition("/")[2].partition("?")[0], more.get("params") or {}
        if path == "changes":
            async with self.changed:
                await self.changed.wait_for(lambda: self.version > int(params["after"]))
        answer = await super().request(method, url, **more)
        if method == "POST":
            self.version += 1
            async with self.changed:
                self.changed.notify_all()
        return answer

    def answer(self, sent: Any) -> tuple[int, object]:
        return (200, self.version) if sent.path == "changes" else super().answer(sent)


class Telling(NotesSource):
    """Keeps to what `oo.TellingSource` states."""

    async def watch(self, user_id: oo.UserId, changed: Callable[[], None]) -> None:
        version = -1
        while True:
            version = await self.next(user_id, version)
            changed()

    async def next(self, user_id: oo.UserId, version: int) -> int:
        asked = self._client(user_id).get("changes", params={"after": str(version)})
        return oo.decoded(await asked, int)


class Quiet(Telling):
    """Does not say that it hears."""

    async def watch(self, user_id: oo.UserId, changed: Callable[[], None]) -> None:
        version = await self.next(user_id, -1)
        while True:
            version = await self.next(user_id, version)
            changed()


class Deaf(Telling):
    async def watch(self, user_id: oo.UserId, changed: Callable[[], None]) -> None:
        await self.next(user_id, -1)
        changed()
        await asyncio.Event().wait()


class Asking(Telling):
    """Asks again and again."""

    async def watch(self, user_id: oo.UserId, changed: Callable[[], None]) -> None:
        before = None
        while True:
            found = await self.fetch_signals(user_id)
            if found != before:
                changed()
            before = found


class Chasing(Telling):
    """Takes what it fetches for a change."""

    told: Callable[[], None] | None = None

    async def watch(self, user_id: oo.UserId, changed: Callable[[], None]) -> None:
        self.told = changed
        await super().watch(user_id, changed)

    async def fetch_signals(self, user_id: oo.UserId) -> oo.Snapshot:
        if self.told is not None:
            self.told()
        return await super().fetch_signals(user_id)


class Leaving(Telling):
    async def watch(self, user_id: oo.UserId, changed: Callable[[], None]) -> None:
        await self.next(user_id, -1)
        changed()


class Hopeful(Telling):
    """Takes it for no news that nobody can be asked, and leaves."""

    async def watch(self, user_id: oo.UserId, changed: Callable[[], None]) -> None:
        with suppress(oo.SourceError):
            await super().watch(user_id, changed)


class Clinging(Telling):
    async def watch(self, user_id: oo.UserId, changed: Callable[[], None]) -> None:
        for _ in range(2):
            with suppress(asyncio.CancelledError):
                await super().watch(user_id, changed)


class Raw(Telling):
    """Lets go what decoding raises."""

    async def next(self, user_id: oo.UserId, version: int) -> int:
        asked = self._client(user_id).get("changes", params={"after": str(version)})
        return int((await asked).decode())


def contract_of(source: type[NotesSource], identity: Any = None) -> ConnectorContract:
    class Contract(ConnectorContract):
        def connector(self) -> oo.Connector:
            made = connector({})
            assert isinstance(made.sign_in, oo.ApiToken)
            sign_in = msgspec.structs.replace(
                made.sign_in, identity=identity or made.sign_in.identity
            )
            return replace(made, sign_in=sign_in, source=lambda given: source(given.clients))

        def service(self) -> PlainNotes:
            return TellingNotes() if issubclass(source, Telling) else MovingNotes()

    return Contract()


@pytest.mark.parametrize(
    ("source", "test", "words"),
    [
        (OfOneUser, "whoever_is_asked_for_is_named_in_every_signal", "another account"),
        (Twice, "the_list_is_one_that_oo_can_rely_on", "two signals with one id"),
        (Cheerful, "a_failure_that_passes_is_unavailable", "a part of the list"),
        (Cheerful, "a_refused_token_asks_for_a_reconnect", "a part of the list"),
        (Cheerful, "a_refusal_is_an_error_of_the_source", "a part of the list"),
        (Cheerful, "an_answer_that_cannot_be_read_is_an_error_of_the_source", "a part of"),
        (Strict, "an_answer_that_cannot_be_read_is_an_error_of_the_source", "no SourceError"),
        (Trusting, "json_of_another_form_is_a_sound_list_or_an_error_of_the_source", "Error"),
        (Trusting, "one_strange_value_is_a_sound_list_or_an_error_of_the_source", "Error"),
        (Stubborn, "reading_can_be_cancelled_wherever_it_waits", "does not end"),
        (Busy, "reading_never_holds_the_loop", "ms at once"),
        (Talkative, "json_of_another_form_is_a_sound_list_or_an_error_of_the_source", "the log"),
        (Growing, "a_connector_that_was_just_started_knows_as_much_as_one_that_runs", "another"),
        (Lazy, "after_a_change_it_knows_as_much_as_one_that_was_just_started", "not show"),
        (Forgetful, "what_is_sent_twice_is_done_once", "the second time changed something"),
        (Forgetful, "what_was_done_while_the_answer_was_lost_is_done_once", "twice"),
        (Certain, "a_failed_change_is_an_error_of_the_source", "it seems to be done"),
        (Certain, "what_it_does_not_offer_it_rejects", "instead of Rejected"),
        (Doubling, "what_is_added_twice_is_there_once", "another id"),
        (Doubling, "what_was_added_while_the_answer_was_lost_is_there_once", "added twice"),
        (Believing, "a_failed_addition_is_an_error_of_the_source", "seems to be there"),
        (Misnaming, "a_new_task_is_listed_under_the_id_it_was_given", "is not listed"),
        (Keeping, "what_was_added_can_be_taken_back_or_that_is_rejected", "something is left"),
        (Half, "a_new_task_is_listed_under_the_id_it_was_given", "not all else"),
        (Exact, "what_is_done_already_counts_as_done", "gone is Refused"),
        (Quiet, "a_watch_says_once_that_it_hears_and_then_waits", "did not call changed"),
        (Asking, "a_watch_says_once_that_it_hears_and_then_waits", "it asks though nothing"),
        (Leaving, "a_watch_says_once_that_it_hears_and_then_waits", "ended by itself"),
        (Chasing, "a_fetch_is_no_change", "a fetch leads to the next"),
        (Deaf, "a_change_is_told", "nobody is told"),
        (Clinging, "a_watch_can_be_cancelled_where_it_waits", "does not end"),
        (Hopeful, "a_watch_that_cannot_hear_is_an_error_of_the_source", "it returns"),
        (Raw, "a_watch_that_cannot_hear_is_an_error_of_the_source", "no SourceError"),
    ],
)
def test_what_breaks_the_contract_is_found_out(
    source: type[NotesSource], test: str, words: str
) -> None:
    run = getattr(contract_of(source), f"test_{test}")
    with pytest.raises((AssertionError, ConnectorFault), match=words):
        run()


class TestTelling(ConnectorContract):
    """One that keeps to all of it, so that the tests above find out what they mean to."""

    def connector(self) -> Connector:
        return contract_of(Telling).connector()

    def service(self) -> TellingNotes:
        return TellingNotes()


def test_an_account_that_is_made_up_is_found_out() -> None:
    contract = contract_of(NotesSource, identity=of_anybody)
    with pytest.raises(AssertionError, match="makes up an account"):
        contract.test_whose_account_it_is_is_told_or_an_error_of_the_source()


def test_a_connector_that_only_reads_offers_nothing() -> None:
    class Reader:
        id = NotesSource.id

        def __init__(self, client: Any) -> None:
            self.fetch_signals = NotesSource(client).fetch_signals

    contract = contract_of(Reader)  # type: ignore[arg-type]  # what it needs of a source it has
    contract.test_the_list_is_one_that_oo_can_rely_on()
    with pytest.raises(AssertionError, match="offers what it cannot do"):
        contract.test_what_is_sent_twice_is_done_once()


@pytest.mark.parametrize(
    "test", [name for name in dir(ConnectorContract) if "add" in name and name[:5] == "test_"]
)
def test_a_connector_that_adds_notes_keeps_the_contract(test: str) -> None:
    getattr(contract_of(Adding), test)()


def test_the_contract_can_be_had_without_pytest() -> None:
    code = "import sys; sys.modules['pytest'] = None; import oo_desktop.testing"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
