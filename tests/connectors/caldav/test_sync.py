"""What is kept of a collection: on real servers, and on those that answer differently."""

from collections.abc import AsyncIterator, Iterable
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from oo_desktop.connectors.caldav.collections import Collection, collections_of
from oo_desktop.connectors.caldav.sync import (
    BATCH,
    LIST_LASTS,
    MAX_TRIES,
    Kept,
    Look,
    TooMuch,
    bring_up_to_date,
)
from oo_desktop.errors import AuthRequired, Rejected, SourceError, Unavailable
from oo_desktop.http.client import Http, ServiceClient
from oo_desktop.testing import FakeClock
from oo_desktop.testing.wire import Wire, cut
from tests.connectors.caldav.desk import NOON, client_at, relay_to, task
from tests.connectors.caldav.servers import Server
from tests.connectors.caldav.stand_in import HOME, HOST, DavStandIn, found
from tests.http.scripted import Asked, Reply

SINCE = date(2026, 11, 1)
WORK = f"{HOME}work/"

SYNC = "REPORT /dav/ada/work sync-collection"
GET = "REPORT /dav/ada/work calendar-multiget"
LIST = "PROPFIND /dav/ada/work"


class Watch:
    """One collection, as it is looked at from poll to poll. The first in the list."""

    def __init__(self, client: ServiceClient, home: str) -> None:
        self._client = client
        self._home = home
        self.kept = Kept(since=SINCE, owner=frozenset())
        self.now = NOON

    async def collection(self) -> Collection:
        return (await collections_of(self._client))[0]

    async def poll(self, *, doubtful: Iterable[str] = ()) -> list[str]:
        """Look, and return the names of what is kept; those that cannot be read in brackets."""
        look = Look(
            client=self._client,
            home=self._home,
            since=SINCE,
            owner=frozenset(),
            now=self.now,
            doubtful=frozenset(doubtful),
        )
        await bring_up_to_date(self.kept, await self.collection(), look)
        return self.names

    @property
    def names(self) -> list[str]:
        names = {path.rpartition("/")[2]: each for path, each in self.kept.objects.items()}
        return [f"({name})" if names[name].unread else name for name in sorted(names)]


class Watched:
    """A stand-in, and what is kept of its collection."""

    def __init__(self, **manners: object) -> None:
        self.server = DavStandIn(**manners)
        self.wire = Wire(self.server)
        self.watch = Watch(client_at(HOST + HOME, self.wire, FakeClock()), HOST + HOME)

    def put(self, *names: str) -> None:
        for name in names:
            self.server.work.put(name, task(name, f"Title of {name}"))

    def change(self, name: str) -> None:
        revision = self.server.work.revision
        self.server.work.put(name, task(name, f"Changed at {revision}"))

    async def poll(self, *, doubtful: Iterable[str] = ()) -> list[str]:
        return await self.watch.poll(doubtful=(WORK + name for name in doubtful))

    def taken(self) -> list[str]:
        """What was asked of the collection since the last time."""
        return [each for each in self.server.taken() if each != "PROPFIND /dav/ada"]

    async def settled(self) -> None:
        """Look until nothing is asked for any more."""
        for _ in range(3):
            await self.poll()
        self.taken()
        await self.poll()
        assert self.taken() == []


# Real servers


@pytest.fixture
async def real_http(clock: FakeClock) -> AsyncIterator[Http]:
    http = Http(clock=clock)
    yield http
    await http.aclose()


async def test_a_real_server_is_asked_for_what_changed_and_then_for_nothing(
    server: Server, real_http: Http, clock: FakeClock
) -> None:
    path = server.make_collection("work", "Work")
    for number in range(3):
        server.put(f"{path}{number}.ics", task(str(number), "As it was"))
    async with relay_to(server) as relay:
        watch = Watch(client_at(relay.home, real_http, clock), relay.home)
        assert await watch.poll() == ["0.ics", "1.ics", "2.ics"]
        await watch.poll()
        relay.taken()
        await watch.poll()
        assert relay.taken() == [f"PROPFIND {server.home}"]
        before = watch.kept.objects[f"{path}1.ics"].etag
        server.put(f"{path}1.ics", task("1", "Another"))
        server.put(f"{path}new.ics", task("new", "New"))
        server.delete(f"{path}0.ics")
        assert await watch.poll() == ["1.ics", "2.ics", "new.ics"]
        assert watch.kept.objects[f"{path}1.ics"].etag != before
        await watch.poll()
        relay.taken()
        await watch.poll()
        assert relay.taken() == [f"PROPFIND {server.home}"]


async def test_a_real_server_that_forgot_a_token_is_asked_for_everything(
    server: Server, real_http: Http, clock: FakeClock
) -> None:
    path = server.make_collection("work", "Work")
    server.put(f"{path}a.ics", task("a", "A"))
    server.put(f"{path}b.ics", task("b", "B"))
    watch = Watch(client_at(server.url + server.home, real_http, clock), server.url + server.home)
    await watch.poll()
    watch.kept.token = "http://radicale.org/ns/sync/" + "0" * 64
    server.delete(f"{path}a.ics")
    assert await watch.poll() == ["b.ics"]


async def test_an_answer_that_is_cut_short_leaves_what_was_there_and_is_made_up_for(
    server: Server, real_http: Http, clock: FakeClock
) -> None:
    path = server.make_collection("work", "Work")
    server.put(f"{path}a.ics", task("a", "A"))
    async with relay_to(server) as relay:
        watch = Watch(client_at(relay.home, real_http, clock), relay.home)
        await watch.poll()
        server.put(f"{path}b.ics", task("b", "B"))

        def cut_reports(asked: Asked, reply: Reply) -> Reply:
            if asked.method == "PROPFIND" and asked.path == server.home:
                return reply
            half = reply.payload()[: len(reply.payload()) // 2]
            head = f"HTTP/1.1 207 X\r\ncontent-length: {len(half) * 2}\r\n\r\n".encode()
            return Reply(raw=head + half, then="close")

        relay.meddle = cut_reports
        with pytest.raises(Unavailable):
            await watch.poll()
        assert watch.names == ["a.ics"]
        relay.meddle = lambda _asked, reply: reply
        assert await watch.poll() == ["a.ics", "b.ics"]


async def test_names_of_any_letters_are_asked_for_as_the_server_writes_them(
    server: Server, real_http: Http, clock: FakeClock
) -> None:
    path = server.make_collection("work", "Work")
    server.put(f"{path}a%20b%40c%C3%A9.ics", task("a", "A"))
    watch = Watch(client_at(server.url + server.home, real_http, clock), server.url + server.home)
    assert await watch.poll() == ["a b@cé.ics"]
    (known,) = watch.kept.objects
    watch.kept.objects[known] = replace(watch.kept.objects[known], etag=None)
    watch.now += LIST_LASTS
    assert await watch.poll() == ["a b@cé.ics"]
    assert watch.kept.objects[known].etag


# What is asked for


async def test_the_first_look_is_one_question_where_it_brings_data() -> None:
    at = Watched()
    at.put("a", "b")
    assert await at.poll() == ["a", "b"]
    assert at.taken() == [SYNC]


async def test_what_comes_without_data_is_asked_for_by_name_some_at_a_time() -> None:
    at = Watched(sync_data=False)
    at.put(*(f"{number:03}" for number in range(2 * BATCH + 1)))
    assert len(await at.poll()) == 2 * BATCH + 1
    assert at.taken() == [SYNC, GET, GET, GET]


async def test_a_server_without_sync_tokens_is_asked_for_etags() -> None:
    at = Watched(marks="ctag")
    at.put("a", "b")
    assert await at.poll() == ["a", "b"]
    assert at.taken() == [LIST, GET]
    await at.settled()
    at.change("b")
    at.server.work.delete("a")
    assert await at.poll() == ["b"]
    assert at.taken() == [LIST, GET]


async def test_a_server_that_cannot_sync_although_it_says_so_is_asked_for_etags() -> None:
    at = Watched()
    at.put("a")
    at.server.status[SYNC] = 403
    assert await at.poll() == ["a"]
    assert at.taken() == [SYNC, LIST, GET]


async def test_a_server_that_gives_no_marks_is_asked_for_etags_at_each_poll() -> None:
    at = Watched(marks="none")
    at.put("a")
    assert await at.poll() == ["a"]
    at.taken()
    for _ in range(3):
        await at.poll()
        assert at.taken() == [LIST]
    at.put("b")
    assert await at.poll() == ["a", "b"]
    assert at.taken() == [LIST, GET]


async def test_after_a_change_there_is_one_more_look_and_then_none() -> None:
    at = Watched()
    at.put("a")
    await at.settled()
    at.put("b")
    asked = []
    for _ in range(4):
        await at.poll()
        asked.append(at.taken())
    assert asked == [[SYNC], [SYNC], [], []]


async def test_a_change_in_the_second_of_the_last_one_is_seen_by_the_second_look() -> None:
    at = Watched()
    at.put("a")
    await at.settled()
    at.put("b")
    await at.poll()
    # The mark is of seconds, and so is the token: both say what they said before.
    at.server.work.put("c", task("c", "C"))
    at.server.work.revision -= 1
    at.server.work.changed["c"] = at.server.work.revision + 1
    assert await at.poll() == ["a", "b", "c"]
    assert at.taken()[-1] != LIST


async def test_once_a_day_everything_is_listed() -> None:
    at = Watched()
    at.put("a", "b")
    await at.settled()
    del at.server.work.resources["a"]  # and nothing says so
    at.watch.now += LIST_LASTS - timedelta(seconds=1)
    assert await at.poll() == ["a", "b"]
    assert at.taken() == []
    at.watch.now += timedelta(seconds=1)
    assert await at.poll() == ["b"]
    assert at.taken() == [LIST]
    await at.settled()


async def test_a_clock_that_was_put_back_lists_everything_again() -> None:
    at = Watched()
    await at.settled()
    at.watch.now -= timedelta(days=3)
    await at.poll()
    assert at.taken() == [LIST]


async def test_what_was_changed_through_oo_is_read_again_though_no_mark_says_so() -> None:
    at = Watched()
    at.put("a", "b")
    await at.settled()
    at.server.work.resources["a"] = task("a", "In the same second")
    before = at.watch.kept.objects[f"{WORK}a"]
    await at.poll(doubtful=["a"])
    assert at.taken() == [SYNC, GET]
    assert at.watch.kept.objects[f"{WORK}a"].etag != before.etag


async def test_what_the_answer_brings_anyway_is_not_asked_for_twice() -> None:
    at = Watched()
    at.put("a", "b")
    await at.settled()
    at.change("a")
    await at.poll(doubtful=["a", "unknown"])
    assert at.taken() == [SYNC]


# Tokens


@pytest.mark.parametrize("status", [403, 409, 410, 412, 500])
async def test_a_refused_token_lists_everything(status: int) -> None:
    at = Watched(unknown_token=status)
    at.put("a", "b", "c")
    await at.settled()
    at.watch.kept.token = f"{HOST}/of/another/time"
    at.server.work.delete("a")
    at.change("b")
    assert await at.poll() == ["b", "c"]
    assert at.taken() == [SYNC, LIST, GET]
    await at.settled()


async def test_all_members_to_a_token_nobody_knows_are_not_taken_for_all_there_is() -> None:
    at = Watched(unknown_token="all")
    at.put("a", "b", "c")
    await at.settled()
    at.watch.kept.token = f"{HOST}/of/another/time"
    at.server.work.delete("a")
    at.change("b")
    assert await at.poll() == ["b", "c"]
    assert at.taken() == [SYNC, LIST]
    await at.settled()


async def test_a_token_that_is_merely_echoed_is_forgotten() -> None:
    at = Watched(unknown_token="echo")
    at.put("a", "b")
    await at.settled()
    at.watch.kept.token = f"{HOST}/sync/zz"
    at.server.work.delete("a")
    assert await at.poll() == ["b"]
    assert at.taken() == [SYNC, LIST]
    at.put("c")
    assert await at.poll() == ["b", "c"]
    assert at.taken() == [SYNC]


async def test_a_token_that_stays_the_same_for_nothing_changed_is_kept() -> None:
    at = Watched()
    at.put("a")
    await at.poll()
    at.taken()
    at.server.work.properties = "<s:getctag>another</s:getctag>"
    await at.poll()
    assert at.taken() == [SYNC]


async def test_parts_are_put_together() -> None:
    at = Watched(part=3)
    at.put(*"abcdefgh")
    assert await at.poll() == list("abcdefgh")
    assert at.taken() == [SYNC, SYNC, SYNC]
    await at.settled()


async def test_a_server_that_never_comes_to_an_end_is_asked_for_etags() -> None:
    at = Watched()
    at.put("a")
    at.server.manners.never_ends = True
    assert await at.poll() == ["a"]
    assert at.taken() == [SYNC, SYNC, LIST]


# What is gone, and what cannot be read


async def test_what_is_gone_before_it_could_be_read_is_gone() -> None:
    at = Watched(marks="ctag", leaves_out=False)
    at.put("a", "b")
    at.server.manners.listed_too = ("ghost",)
    assert await at.poll() == ["a", "b"]


async def test_what_a_multiget_leaves_out_after_a_change_is_looked_for_in_a_list() -> None:
    at = Watched(sync_data=False, leaves_out=True)
    at.put("a", "b")
    await at.settled()
    at.change("a")
    at.server.manners.mute = frozenset({"a"})
    before = at.watch.kept.objects[f"{WORK}a"]
    assert await at.poll() == ["(a)", "b"]
    assert at.taken() == [SYNC, GET, LIST, GET]
    at.server.manners.mute = frozenset()
    at.change("a")
    assert await at.poll() == ["a", "b"]
    assert at.watch.kept.objects[f"{WORK}a"].etag != before.etag


@pytest.mark.parametrize("sync_data", [True, False])
@pytest.mark.parametrize("poison_is", ["no XML", "500"])
async def test_one_resource_that_breaks_the_answer_costs_itself(
    poison_is: str, sync_data: bool
) -> None:
    at = Watched(sync_data=sync_data, poison=frozenset({"bad"}), poison_is=poison_is)
    at.put(*(f"{number:02}" for number in range(20)), "bad")
    assert await at.poll() == [*(f"{number:02}" for number in range(20)), "(bad)"]
    for _ in range(MAX_TRIES):
        await at.poll()
    await at.settled()
    at.server.manners.poison = frozenset()
    at.watch.now += LIST_LASTS
    assert "bad" in await at.poll()


@pytest.mark.parametrize("sync_data", [True, False])
async def test_one_resource_that_could_not_be_read_is_soon_asked_for_again(
    sync_data: bool,
) -> None:
    at = Watched(sync_data=sync_data)
    at.put("a", "b")
    await at.settled()
    at.server.manners.poison, at.server.manners.poison_is = frozenset({"a"}), "500"
    at.change("a")
    assert await at.poll() == ["(a)", "b"]
    await at.poll()
    at.server.manners.poison = frozenset()
    assert await at.poll() == ["a", "b"]
    await at.settled()


async def test_a_server_in_trouble_is_not_taken_for_one_bad_resource() -> None:
    at = Watched(sync_data=False)
    at.put("a", "b", "c")
    await at.settled()
    at.change("a")
    at.server.status[GET] = 500
    with pytest.raises(Unavailable):
        await at.poll()
    assert at.watch.names == ["a", "b", "c"]
    del at.server.status[GET]
    assert await at.poll() == ["a", "b", "c"]
    await at.settled()


async def test_a_server_in_trouble_is_not_asked_over_and_over() -> None:
    at = Watched(sync_data=False)
    at.put(*(f"{number:03}" for number in range(300)))
    at.server.status[GET] = 500
    with pytest.raises(Unavailable):
        await at.poll()
    assert len(at.taken()) < 40


async def test_an_answer_that_is_too_large_is_asked_for_in_parts() -> None:
    at = Watched(too_large=30)
    at.put(*(f"{number:03}" for number in range(150)))
    assert len(await at.poll()) == 150
    assert at.taken()[:3] == [SYNC, LIST, GET]
    assert not any(name.startswith("(") for name in at.watch.names)


async def test_a_first_look_that_was_cut_short_goes_on_where_it_was() -> None:
    at = Watched(sync_data=False)
    at.put(*(f"{number:03}" for number in range(2 * BATCH)))
    with at.wire.broken(cut, first=3), pytest.raises(SourceError):
        await at.poll()
    assert not at.watch.kept.whole
    assert len(at.watch.kept.objects) == BATCH
    at.taken()
    assert len(await at.poll()) == 2 * BATCH
    assert at.taken() == [LIST, GET]


async def test_a_list_that_does_not_even_name_the_collection_empties_nothing() -> None:
    at = Watched(marks="none")
    at.put("a")
    await at.poll()
    collection = await at.watch.collection()
    at.server.manners.says_nothing = True
    look = Look(
        client=client_at(HOST + HOME, at.wire, FakeClock()),
        home=HOST + HOME,
        since=SINCE,
        owner=frozenset(),
        now=NOON,
    )
    with pytest.raises(Unavailable):
        await bring_up_to_date(at.watch.kept, collection, look)
    assert at.watch.names == ["a"]


@pytest.mark.parametrize(("status", "kind"), [(401, AuthRequired), (404, Rejected)])
async def test_a_collection_that_is_refused_says_so(status: int, kind: type[Exception]) -> None:
    at = Watched()
    at.server.status = {SYNC: status, LIST: status}
    with pytest.raises(kind):
        await at.poll()


@pytest.mark.parametrize(
    "href",
    [
        f"{HOME}home/a.ics",
        f"{HOME}work-2/a.ics",
        "/elsewhere/a.ics",
        f"{WORK}folder/",
        "https://elsewhere.example/dav/ada/work/a.ics",
    ],
)
async def test_what_lies_elsewhere_is_nothing_of_the_collection(href: str) -> None:
    data = f"<d:getetag>x</d:getetag><c:calendar-data>{task('x', 'X')}</c:calendar-data>"
    at = Watched(sync_extra=found(href, data))
    at.put("a")
    assert await at.poll() == ["a"]
    assert at.taken() == [SYNC]


# How servers write


async def test_a_href_in_small_hex_is_the_same_resource_and_sent_back_so() -> None:
    at = Watched(small_hex=True, sync_data=False)
    at.put("a b@cé.ics")
    assert await at.poll() == ["a b@cé.ics"]
    (kept,) = at.watch.kept.objects.values()
    assert kept.name == f"{WORK}a%20b@c%c3%a9.ics"
    at.server.manners.small_hex = False
    at.watch.now += LIST_LASTS
    assert await at.poll() == ["a b@cé.ics"]
    assert at.taken()[-1] == LIST


@pytest.mark.parametrize("sync_data", [True, False])
@pytest.mark.parametrize(
    "path",
    [
        f"{HOME}other/b",
        f"{HOME}workshop/b",
        f"{WORK}../other/b",
        f"{WORK}%2e%2e/other/b",
        f"{WORK}x%2F..%2F..%2Fother%2Fb",
        f"https://elsewhere.example{WORK}b",
        f"//elsewhere.example{WORK}b",
    ],
)
async def test_what_is_not_in_the_collection_is_not_taken_for_its_own(
    path: str, sync_data: bool
) -> None:
    at = Watched(sync_data=sync_data, strangers={"b": path})
    at.put("a", "b")
    assert await at.poll() == ["a"]


async def test_weak_etags_tell_whether_something_changed_as_strong_ones_do() -> None:
    at = Watched(weak=True, marks="ctag")
    at.put("a", "b")
    await at.settled()
    at.change("a")
    await at.poll()
    assert at.taken() == [LIST, GET]


async def test_a_control_character_in_one_title_hides_no_resource() -> None:
    at = Watched()
    at.put("a")
    at.server.work.put("b", task("b", "Verti\x0bcal"))
    assert await at.poll() == ["a", "b"]


async def test_more_resources_than_can_be_kept_are_refused_until_something_changes() -> None:
    at = Watched()
    at.put("a")
    at.server.manners.endless = 60_000
    with pytest.raises(TooMuch):
        await at.poll()
    at.taken()
    with pytest.raises(TooMuch):
        await at.poll()
    assert at.taken() == []
    at.server.manners.endless = 0
    at.put("b")
    assert await at.poll() == ["a", "b"]
