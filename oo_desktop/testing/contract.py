"""Tells the contract of connectors (`model/source.py`) as tests that every connector passes.

    class TestWeather(ConnectorContract):
        def connector(self) -> Connector:
            return oo_weather.connector({})

        def service(self) -> StandIn:
            return StandInWeather()

pytest runs what it inherits. Nothing here needs pytest, and no test waits for a clock.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    nullcontext,
    suppress,
)

from oo_desktop.connectors.base import Connector
from oo_desktop.errors import AuthRequired, Rejected, SourceError, Unavailable, VaultError
from oo_desktop.http.passwords import CredentialsError
from oo_desktop.model.signals import REPLIES, RESCHEDULES, ActionKind, NewTask, Task, UserId
from oo_desktop.model.source import Asked, BatchSource, Snapshot
from oo_desktop.testing.fakes import settle
from oo_desktop.testing.stage import (
    Actor,
    OnlyReads,
    Stage,
    Timed,
    again,
    cancelled,
    click,
    is_whole,
    looks,
    requests_of_a_fetch,
    require,
    seen,
    tried,
    watch_of,
    watched,
)
from oo_desktop.testing.wire import (
    REFUSALS,
    SHAPES,
    UNAVAILABLE,
    UNREADABLE,
    WEB_PAGE,
    Fault,
    StandIn,
    answer_lost,
    silent,
    with_one_strange_value,
)

MAX_STEP_SECONDS = 0.025
"""Seconds of computing between two awaits. The contract says 5 ms; a slow machine gets more."""

STRANGE_ANSWERS = 100
"""How many answers with one strange value are read."""

PERFORMED = ("an answer that is lost", "an answer cut in half")
"""Faults after which the service has done what it was asked."""


SIGNING_IN = (SourceError, VaultError, CredentialsError)
"""What may be raised while it is not known yet whose account it is."""

Story = Callable[[Stage], Awaitable[None]]


class ConnectorContract:
    """Tests a connector: subclass it as `Test…`, say what `connector` and `service` are."""

    def connector(self) -> Connector:
        """Return the connector, set up for the service."""
        raise NotImplementedError

    def service(self) -> StandIn:
        """Return a service as new, with at least one signal."""
        raise NotImplementedError

    def stage(self) -> AbstractAsyncContextManager[Stage]:
        """Return the stage; override it for a service that is more than a `StandIn`."""
        return self._plain_stage()

    # What is read

    def test_the_list_is_one_that_oo_can_rely_on(self) -> None:
        async def story(stage: Stage) -> None:
            found = await stage.actor().fetch()
            require(found.signals, "the stand-in needs at least one signal")

        self._tell(story)

    def test_whoever_is_asked_for_is_named_in_every_signal(self) -> None:
        async def story(stage: Stage) -> None:
            await stage.actor(UserId("someone-else@example.org")).fetch()

        self._tell(story)

    def test_a_connector_that_was_just_started_knows_as_much_as_one_that_runs(self) -> None:
        async def story(stage: Stage) -> None:
            running = stage.actor()
            await running.fetch()
            require(
                seen(await running.fetch()) == seen(await stage.actor().fetch()),
                "the same service, and another list",
            )

        self._tell(story)

    def test_a_failure_that_passes_is_unavailable(self) -> None:
        self._read_through(UNAVAILABLE, Unavailable)

    def test_a_refused_token_asks_for_a_reconnect(self) -> None:
        self._read_through({"401": REFUSALS["401"]}, AuthRequired)

    def test_a_refusal_is_an_error_of_the_source(self) -> None:
        self._read_through(REFUSALS, SourceError)

    def test_an_answer_that_cannot_be_read_is_an_error_of_the_source(self) -> None:
        self._read_through(UNREADABLE, SourceError)

    def test_json_of_another_form_is_a_sound_list_or_an_error_of_the_source(self) -> None:
        self._read_through(SHAPES, SourceError, may_pass=True)

    def test_one_strange_value_is_a_sound_list_or_an_error_of_the_source(self) -> None:
        async def story(stage: Stage) -> None:
            requests = await requests_of_a_fetch(stage)
            for choice in range(STRANGE_ANSWERS):
                actor, number = stage.actor(), choice % requests
                fault = with_one_strange_value(choice // requests)
                with actor.wire.broken(fault, first=number, last=number):
                    await tried(stage, f"strange value {choice}", actor.fetch())

        self._tell(story)

    def test_reading_can_be_cancelled_wherever_it_waits(self) -> None:
        async def story(stage: Stage) -> None:
            for number in range(await requests_of_a_fetch(stage)):
                actor = stage.actor()
                with actor.wire.broken(silent, first=number):
                    await cancelled(actor.fetch())
                require((await actor.fetch()).signals, "after a cancelled fetch the list is empty")

        self._tell(story)

    def test_reading_never_holds_the_loop(self) -> None:
        async def story(stage: Stage) -> None:
            steps = []
            for _ in range(3):
                actor = stage.actor()
                timed = Timed(actor.source.fetch_signals(actor.user_id))
                await timed
                steps.append(timed.longest)
            least = min(steps)
            require(least < MAX_STEP_SECONDS, f"computes for {least * 1000:.0f} ms at once")

        self._tell(story)

    def test_whose_account_it_is_is_told_or_an_error_of_the_source(self) -> None:
        async def story(stage: Stage) -> None:
            known = await stage.actor().identity()
            require(known.user_id and known.label, "an account needs an id and a name")
            for name, fault in {**UNAVAILABLE, **REFUSALS, **UNREADABLE, **SHAPES}.items():
                actor = stage.actor()
                with actor.wire.broken(fault, first=0):
                    error = await tried(stage, name, actor.identity(), may_raise=SIGNING_IN)
                require(
                    error is not None or name in SHAPES,
                    f"{name}: it makes up an account instead of an error",
                )

        self._tell(story)

    # What is written

    def test_what_is_sent_twice_is_done_once(self) -> None:
        async def once(stage: Stage, kind: ActionKind) -> None:
            actor = stage.actor()
            signal, action = await click(actor, kind)
            await actor.act(signal, action)
            done = seen(await actor.fetch())
            await stage.actor().act(signal, again(action))
            require(seen(await actor.fetch()) == done, f"{kind}: the second time changed something")

        self._tell_of_each_kind(once)

    def test_what_was_done_while_the_answer_was_lost_is_done_once(self) -> None:
        async def once(stage: Stage, kind: ActionKind) -> None:
            actor = stage.actor()
            signal, action = await click(actor, kind)
            actor.wire.count = 0
            await actor.act(signal, action)
            requests, done = actor.wire.count, looks(await actor.fetch())
            for number in range(requests):
                async with self.stage() as anew:
                    actor = anew.actor()
                    signal, action = await click(actor, kind)
                    with actor.wire.broken(answer_lost, first=number, last=number):
                        error = await tried(anew, kind, actor.act(signal, action))
                    require(
                        error is None or isinstance(error, Unavailable),
                        f"{kind}: a lost answer is {type(error).__name__}, not Unavailable",
                    )
                    await actor.act(signal, again(action))
                    require(
                        looks(await actor.fetch()) == done,
                        f"{kind}: done otherwise, or twice, after a lost answer",
                    )

        self._tell_of_each_kind(once)

    def test_after_a_change_it_knows_as_much_as_one_that_was_just_started(self) -> None:
        async def changed(stage: Stage, kind: ActionKind) -> None:
            actor = stage.actor()
            signal, action = await click(actor, kind)
            await actor.act(signal, action)
            require(
                seen(await actor.fetch()) == seen(await stage.actor().fetch()),
                f"{kind}: it does not show what has changed",
            )

        self._tell_of_each_kind(changed)

    def test_what_is_done_already_counts_as_done(self) -> None:
        async def story(stage: Stage) -> None:
            actor = stage.actor()
            tasks = [
                signal
                for signal in (await actor.fetch()).signals
                if ActionKind.DONE in signal.actions
                and isinstance(signal, Task)
                and not signal.recurring
            ]
            for signal in tasks[:1]:
                for _ in range(2):
                    action = await actor.action(signal, ActionKind.DONE)
                    error = await tried(stage, "a task that is gone", actor.act(signal, action))
                    require(error is None, f"a task that is gone is {error!r}, not done")

        self._tell(story)

    def test_a_failed_change_is_an_error_of_the_source(self) -> None:
        must = {**UNAVAILABLE, "401": REFUSALS["401"], WEB_PAGE: UNREADABLE[WEB_PAGE]}
        faults = {**must, **REFUSALS, **UNREADABLE, **SHAPES}

        async def failing(stage: Stage, kind: ActionKind) -> None:
            for name in (name for name in faults if name not in PERFORMED):
                await failed(stage, kind, name)
            for name in PERFORMED:
                async with self.stage() as anew:
                    await failed(anew, kind, name)

        async def failed(stage: Stage, kind: ActionKind, name: str) -> None:
            actor = stage.actor()
            signal, action = await click(actor, kind)
            with actor.wire.broken(faults[name], first=0):
                error = await tried(stage, f"{kind}, {name}", actor.act(signal, action))
            require(error is not None or name not in must, f"{kind}, {name}: it seems to be done")

        self._tell_of_each_kind(failing)

    def test_a_change_can_be_cancelled_wherever_it_waits(self) -> None:
        async def held(stage: Stage, kind: ActionKind) -> None:
            actor = stage.actor()
            signal, action = await click(actor, kind)
            with actor.wire.broken(silent, first=0):
                await cancelled(actor.act(signal, action))

        self._tell_of_each_kind(held)

    def test_what_it_does_not_offer_it_rejects(self) -> None:
        async def story(stage: Stage) -> None:
            actor = stage.actor()
            _ = actor.acting
            signals = (await actor.fetch()).signals
            offered = {kind for signal in signals for kind in signal.actions}
            # ON_DAY is a move like the others: who can do any of them may do it unoffered.
            for kind in {ActionKind.DONE, *RESCHEDULES, *REPLIES} - {*offered, ActionKind.ON_DAY}:
                action = await actor.action(signals[0], kind)
                error = await tried(stage, kind, actor.act(signals[0], action))
                require(isinstance(error, Rejected), f"{kind}: {error!r} instead of Rejected")

        self._tell(story)

    def test_a_batch_says_of_each_what_became_of_it(self) -> None:
        async def story(stage: Stage) -> None:
            actor = stage.actor()
            source = actor.source
            if not isinstance(source, BatchSource):
                one_by_one = not hasattr(source, "act_all")
                require(one_by_one, "act_all, but not all else that a BatchSource has")
                return
            asked = [
                Asked(signal.id, await actor.action(signal, ActionKind.DONE))
                for signal in (await actor.fetch()).signals
                if ActionKind.DONE in signal.actions
            ]
            told = await source.act_all(actor.user_id, asked[: source.most_actions])
            require(
                set(told) <= {action.uuid for _, action in asked}, "it tells of what was not asked"
            )
            for error in told.values():
                require(error is None or isinstance(error, SourceError), f"{error!r} in a batch")

        self._tell(story)

    # What is told

    def test_a_watch_says_once_that_it_hears_and_then_waits(self) -> None:
        async def story(stage: Stage) -> None:
            actor = stage.actor()
            async with watched(actor) as told:
                require(told, "it hears, and did not call changed to say so")
                told.clear()
                requests = actor.wire.count
                await settle(200)
                require(actor.wire.count == requests, "it asks though nothing changes")
                require(not told, "it tells of changes though nothing changes")

        self._tell_of_watches(story)

    def test_a_fetch_is_no_change(self) -> None:
        async def story(stage: Stage) -> None:
            actor = stage.actor()
            async with watched(actor) as told:
                for _ in range(3):
                    await actor.fetch()
                    told.clear()
                    await actor.fetch()
                    await settle(200)
                    require(not told, "a fetch leads to the next: it tells of what it found")

        self._tell_of_watches(story)

    def test_a_change_is_told(self) -> None:
        async def story(stage: Stage) -> None:
            actor, elsewhere = stage.actor(), stage.actor()
            if not elsewhere.acts:
                return
            offered = {kind for each in (await elsewhere.fetch()).signals for kind in each.actions}
            async with watched(actor) as told:
                await actor.fetch()
                signal, action = await click(elsewhere, min(offered))
                told.clear()
                await elsewhere.act(signal, action)
                await settle(200)
                require(told, "the service has changed, and nobody is told")

        self._tell_of_watches(story)

    def test_a_watch_can_be_cancelled_where_it_waits(self) -> None:
        async def story(stage: Stage) -> None:
            for fault in (None, silent):
                actor = stage.actor()
                with actor.wire.broken(fault, first=0) if fault else nullcontext():
                    await cancelled(watch_of(actor, list[None]()))

        self._tell_of_watches(story)

    def test_a_watch_that_cannot_hear_is_an_error_of_the_source(self) -> None:
        async def story(stage: Stage) -> None:
            for name, fault in {**UNAVAILABLE, **REFUSALS, **UNREADABLE}.items():
                actor, told = stage.actor(), list[None]()
                with actor.wire.broken(fault, first=0):
                    watch = asyncio.ensure_future(tried(stage, name, watch_of(actor, told)))
                    await settle(200)
                    if watch.done():
                        require(watch.result() is not None, f"{name}: it returns")
                    watch.cancel()
                    await asyncio.wait({watch})

        self._tell_of_watches(story)

    # What is added

    def test_a_new_task_is_listed_under_the_id_it_was_given(self) -> None:
        async def story(stage: Stage) -> None:
            actor = stage.actor()
            adding, task = actor.adding, await actor.new_task()
            added = await adding.add(actor.user_id, task, may_be_added=False)
            found = [each for each in (await actor.fetch()).signals if each.id == added.id]
            require(len(found) == 1, "what was added is not listed under the id it was given")
            require(found[0].title == task.title, "what was added has another title")

        self._tell_of_adding(story)

    def test_what_is_added_twice_is_there_once(self) -> None:
        async def story(stage: Stage) -> None:
            actor = stage.actor()
            task, before = await actor.new_task(), len((await actor.fetch()).signals)
            ids = {
                (await each.adding.add(each.user_id, task, may_be_added=may_be)).id
                for each, may_be in ((actor, False), (actor, False), (stage.actor(), True))
            }
            require(len(ids - {None}) <= 1, "the second time it had another id")
            require(len((await actor.fetch()).signals) == before + 1, "it is there twice")

        self._tell_of_adding(story)

    def test_what_was_added_while_the_answer_was_lost_is_there_once(self) -> None:
        async def story(stage: Stage) -> None:
            actor = stage.actor()
            task = await actor.new_task()
            actor.wire.count = 0
            await actor.adding.add(actor.user_id, task, may_be_added=False)
            for number in range(actor.wire.count):
                async with self.stage() as anew:
                    await lost(anew, number)

        async def lost(stage: Stage, number: int) -> None:
            actor = stage.actor()
            task, before = await actor.new_task(), len((await actor.fetch()).signals)
            with actor.wire.broken(answer_lost, first=number, last=number):
                error = await tried(stage, "add", added(actor, task))
            require(
                error is None or isinstance(error, Unavailable),
                f"add: a lost answer is {type(error).__name__}, not Unavailable",
            )
            again = await actor.adding.add(actor.user_id, task, may_be_added=True)
            found = (await actor.fetch()).signals
            require(len(found) == before + 1, "added twice, or not at all, after a lost answer")
            ids = {each.id for each in found}
            require(again.id in {None, *ids}, "after a lost answer it has an id that is not listed")

        self._tell_of_adding(story)

    def test_a_failed_addition_is_an_error_of_the_source(self) -> None:
        must = {**UNAVAILABLE, "401": REFUSALS["401"], WEB_PAGE: UNREADABLE[WEB_PAGE]}

        async def story(_stage: Stage) -> None:
            for name, fault in {**must, **REFUSALS, **UNREADABLE, **SHAPES}.items():
                async with self.stage() as stage:
                    actor = stage.actor()
                    task = await actor.new_task()
                    with actor.wire.broken(fault, first=0):
                        error = await tried(stage, f"add, {name}", added(actor, task))
                    require(
                        error is not None or name not in must, f"add, {name}: it seems to be there"
                    )

        self._tell_of_adding(story)

    def test_an_addition_can_be_cancelled_wherever_it_waits(self) -> None:
        async def story(stage: Stage) -> None:
            actor = stage.actor()
            task = await actor.new_task()
            with actor.wire.broken(silent, first=0):
                await cancelled(added(actor, task))

        self._tell_of_adding(story)

    def test_what_was_added_can_be_taken_back_or_that_is_rejected(self) -> None:
        async def story(stage: Stage) -> None:
            actor = stage.actor()
            task, before = await actor.new_task(), looks(await actor.fetch())
            given = await actor.adding.add(actor.user_id, task, may_be_added=False)
            for id_ in (given.id, given.id, None):
                work = actor.adding.remove(actor.user_id, task, id_, uuid=f"{task.uuid}-back")
                error = await tried(stage, "remove", work)
                if error is not None:
                    require(isinstance(error, Rejected), f"remove: {error!r}, not Rejected")
                    return
            require(looks(await actor.fetch()) == before, "taken back, and something is left of it")

        self._tell_of_adding(story)

    # Within

    @asynccontextmanager
    async def _plain_stage(self) -> AsyncIterator[Stage]:
        yield Stage(connector=self.connector(), service=self.service())

    def _tell(self, story: Story) -> None:
        async def told() -> None:
            async with self.stage() as stage:
                with suppress(OnlyReads):
                    await story(stage)
                    return
                await _offers_nothing(stage.actor())

        asyncio.run(told())

    def _tell_of_watches(self, story: Story) -> None:
        """Nothing, of a source that does not tell: no source has to."""

        async def told(stage: Stage) -> None:
            if stage.actor().tells:
                await story(stage)

        self._tell(told)

    def _tell_of_adding(self, story: Story) -> None:
        """Of a connector that adds nothing there is no more to ask than that it says so."""

        async def told() -> None:
            async with self.stage() as stage:
                with suppress(OnlyReads):
                    _ = stage.actor().adding
                    await story(stage)
                    return
                source = stage.actor().source
                require(
                    not hasattr(source, "add"), "add, but not all else that an AddingSource has"
                )

        asyncio.run(told())

    def _tell_of_each_kind(self, story: Callable[[Stage, ActionKind], Awaitable[None]]) -> None:
        """Each kind of action that is offered, each with a service as new."""

        async def told() -> None:
            async with self.stage() as stage:
                actor = stage.actor()
                if not actor.acts:
                    await _offers_nothing(actor)
                    return
                offered = {kind for each in (await actor.fetch()).signals for kind in each.actions}
            require(offered, "the stand-in needs a signal that something can be done with")
            for kind in sorted(offered):
                async with self.stage() as stage:
                    await story(stage, kind)

        asyncio.run(told())

    def _read_through(
        self, faults: Mapping[str, Fault], kind: type[SourceError], *, may_pass: bool = False
    ) -> None:
        """Fetch while each request in turn, and all after it, meet each of `faults`."""

        async def story(stage: Stage) -> None:
            whole = seen(await stage.actor().fetch())
            for number in range(await requests_of_a_fetch(stage)):
                for name, fault in faults.items():
                    actor = stage.actor()
                    with actor.wire.broken(fault, first=number):
                        found: list[Snapshot] = []
                        error = await tried(stage, name, _kept(actor, found))
                    if error is None:
                        require(
                            may_pass or is_whole(found[0], whole),
                            f"{name} in request {number + 1}: a part of the list instead of an "
                            "error",
                        )
                    else:
                        require(isinstance(error, kind), f"{name}: {error!r}, not {kind.__name__}")

        self._tell(story)


async def added(actor: Actor, task: NewTask) -> None:
    await actor.adding.add(actor.user_id, task, may_be_added=False)


async def _offers_nothing(actor: Actor) -> None:
    """Of a connector that only reads there is no more to ask."""
    require(not hasattr(actor.source, "act"), "act, but not all else that an ActingSource has")
    offered = [signal for signal in (await actor.fetch()).signals if signal.actions]
    require(not offered, "offers what it cannot do: it has no act")


async def _kept(actor: Actor, found: list[Snapshot]) -> None:
    found.append(await actor.fetch())
