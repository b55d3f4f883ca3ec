"""The connector of calendar links, with a server over a real socket."""

import gc
from datetime import UTC, datetime
from itertools import chain
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.connectors.calendar_link.source import IcsSource, identity
from oo_desktop.errors import AuthRequired, Rejected, Unavailable
from oo_desktop.http.client import Http
from oo_desktop.http.secret_link import LinkClient, user_id_from_link
from oo_desktop.model.signals import AccountKey, UserId
from oo_desktop.model.source import SignalSource, Snapshot
from oo_desktop.sandbox.server import serving
from oo_desktop.sandbox.world import World
from oo_desktop.signals.snapshot_checks import checked_snapshot
from oo_desktop.testing import FakeClock
from tests.connectors.icalendar.calendars import body, event
from tests.http.scripted import Reply, ScriptedService

ADA = UserId("ada")
SECRET = "private-0123456789abcdef"
STANDUP = event("DTSTART:20261120T090000Z", "RRULE:FREQ=DAILY", "SUMMARY:Standup")
CALENDAR = body("X-WR-CALNAME:Team", "X-WR-TIMEZONE:Asia/Tokyo", *STANDUP)


@pytest.fixture
def client(http: Http, service: ScriptedService) -> LinkClient:
    async def secret() -> str:
        return f"http://127.0.0.1:{service.port}/{SECRET}.ics"

    return LinkClient(http=http, secret=secret)


@pytest.fixture
def source(client: LinkClient, clock: FakeClock) -> IcsSource:
    return IcsSource(link=lambda _: client, now=clock.now, here=lambda: ZoneInfo("UTC"))


def calendar(raw: bytes = CALENDAR, **headers: str) -> Reply:
    return Reply(body=raw, headers=headers, content_type="text/calendar")


async def test_it_holds_the_contract_of_a_source(
    source: IcsSource, service: ScriptedService
) -> None:
    assert isinstance(source, SignalSource)
    service.replies = [calendar()]
    snapshot = await source.fetch_signals(ADA)
    checked = await checked_snapshot(snapshot, AccountKey(source.id, ADA), limit=100)
    assert [signal.title for signal in checked.signals] == ["Standup", "Standup"]
    assert checked.zone is None  # its days are those of whoever looks


async def test_an_unchanged_calendar_is_not_read_again(
    source: IcsSource, service: ScriptedService
) -> None:
    again = CALENDAR.replace(b"DTSTAMP:20261122T000000Z", b"DTSTAMP:20261122T111111Z")
    service.replies = [calendar(ETag='"1"'), Reply(304), calendar(), calendar(again)]
    first = await source.fetch_signals(ADA)
    for _ in range(3):
        assert await source.fetch_again(ADA, first) is first
    assert service.asked[1].headers["if-none-match"] == '"1"'
    assert "if-none-match" not in service.asked[3].headers


async def test_what_its_owner_has_declined_is_not_shown(
    http: Http, service: ScriptedService, clock: FakeClock
) -> None:
    async def secret() -> str:
        return f"http://127.0.0.1:{service.port}/calendar/ical/ada%40example.com/{SECRET}/basic.ics"

    client = LinkClient(http=http, secret=secret)
    source = IcsSource(link=lambda _: client, now=clock.now, here=lambda: ZoneInfo("UTC"))
    declined = "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.com"
    service.replies = [
        calendar(body(*event("DTSTART:20261122T150000Z", declined, uid="no"), *STANDUP))
    ]
    titles = [signal.title for signal in (await source.fetch_signals(ADA)).signals]
    assert titles == ["Standup", "Standup"]


async def test_a_changed_calendar_is_read(source: IcsSource, service: ScriptedService) -> None:
    service.replies = [calendar(), calendar(CALENDAR.replace(b"Standup", b"Huddle"))]
    known = await source.fetch_signals(ADA)
    assert (await source.fetch_again(ADA, known)).signals[0].title == "Huddle"


async def test_another_day_is_another_window_of_the_same_calendar(
    source: IcsSource, service: ScriptedService, clock: FakeClock
) -> None:
    service.replies = [calendar(ETag='"1"'), Reply(304)]
    first = await source.fetch_signals(ADA)
    clock.jump(86_400)
    second = await source.fetch_again(ADA, first)
    assert first.signals[1].id == second.signals[0].id


async def test_a_clock_that_is_put_back_asks_for_the_whole_calendar(
    source: IcsSource, service: ScriptedService, clock: FakeClock
) -> None:
    old = event("DTSTART:20261110T090000Z", "SUMMARY:Long ago", uid="old")
    service.body = body(*old)
    service.replies = [calendar(body(*old), ETag='"1"'), calendar(body(*old), ETag='"1"')]
    known = await source.fetch_signals(ADA)
    assert not known.signals
    clock.jump(-12 * 86_400)
    found = await source.fetch_again(ADA, known)
    assert [one.title for one in found.signals] == ["Long ago"]
    assert "if-none-match" not in service.asked[1].headers


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(body=b"<html>Sign in</html>", content_type="text/html"), AuthRequired),
        (Reply(404), AuthRequired),
        (Reply(body=b"{}"), Rejected),
        (Reply(body=b""), Unavailable),
        (calendar(CALENDAR[:-10]), Unavailable),
        (Reply(500), Unavailable),
    ],
)
async def test_what_is_no_calendar_is_told_as_what_it_is(
    source: IcsSource,
    service: ScriptedService,
    reply: Reply,
    error: type[Exception],
    caplog: pytest.LogCaptureFixture,
) -> None:
    service.replies = [reply]
    with pytest.raises(error) as caught:
        await source.fetch_signals(ADA)
    assert SECRET not in str(caught.value) + repr(caught.value) + caplog.text
    assert caught.value.__context__ is None


async def test_a_calendar_called_a_web_page_is_one_all_the_same(
    source: IcsSource, service: ScriptedService
) -> None:
    service.replies = [Reply(body=CALENDAR, content_type="text/html")]
    assert (await source.fetch_signals(ADA)).signals


@pytest.mark.logs_warnings
async def test_broken_events_are_counted_once(
    source: IcsSource, service: ScriptedService, caplog: pytest.LogCaptureFixture
) -> None:
    broken = body(*STANDUP, *event("DTSTART:never", uid="broken"))
    service.replies = [calendar(broken), calendar(broken + b"\r\n")]
    for _ in range(2):
        assert len((await source.fetch_signals(ADA)).signals) == 2
    said = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(said) == 1
    assert SECRET not in caplog.text


@pytest.mark.logs_warnings
async def test_how_many_events_could_not_be_read_is_told_and_stays_told(
    source: IcsSource, service: ScriptedService, caplog: pytest.LogCaptureFixture
) -> None:
    broken = event("DTSTART:yesterday", uid="1") + event("DTSTART:tomorrow", uid="2")
    service.replies = [calendar(body(*broken, *STANDUP), ETag='"1"'), Reply(304), calendar()]
    known, unread = Snapshot(signals=()), []
    for _ in range(3):
        known = await source.fetch_again(ADA, known)
        unread.append(known.unread)
    assert unread == [2, 2, 0]
    assert "left out: 2" in caplog.text


async def test_a_calendar_names_its_account(client: LinkClient, service: ScriptedService) -> None:
    service.replies = [calendar(), calendar(body(*STANDUP))]
    first, second = await identity(client), await identity(client)
    link = f"http://127.0.0.1:{service.port}/{SECRET}.ics"
    assert (first.user_id, first.label, first.zone) == (
        user_id_from_link(link),
        "Team",
        None,
    )
    assert second.label == "127.0.0.1"
    assert SECRET not in repr(first)


@pytest.mark.parametrize("answer", [Reply(404), Reply(body=b"<html></html>")], ids=["404", "page"])
async def test_a_link_that_leads_to_no_calendar_was_never_a_valid_one(
    client: LinkClient, service: ScriptedService, answer: Reply
) -> None:
    service.replies = [answer]
    with pytest.raises(AuthRequired, match="does not lead to a calendar"):
        await identity(client)


async def test_nothing_that_is_kept_shows_the_link(
    source: IcsSource, service: ScriptedService
) -> None:
    service.replies = [calendar()]
    snapshot = await source.fetch_signals(ADA)
    assert SECRET not in repr(snapshot) + repr(vars(source))
    gc.collect()


async def test_the_sandbox_and_the_connector_understand_each_other(
    http: Http, world: World
) -> None:
    async with serving(world) as url:

        async def secret() -> str:
            return url + world.ics.link("basic").path

        client = LinkClient(http=http, secret=secret)
        source = IcsSource(link=lambda _: client, now=world.clock.now)
        for _ in range(2):
            snapshot = await source.fetch_signals(ADA)
            assert {one.title for one in snapshot.signals} == {
                "Design review",
                "Standup",
                "Book fair",
            }
            assert snapshot.unread == 0
        assert world.ics.link("basic").not_modified == 1
        world.ics.link("basic").redirect = world.ics.link("other").path
        assert (await source.fetch_signals(ADA)).signals
        world.ics.link("other").secret = "another"
        with pytest.raises(AuthRequired):
            await source.fetch_signals(ADA)
        await http.aclose()


async def test_whole_days_of_a_feed_in_another_zone_are_days_of_whoever_looks(
    client: LinkClient, service: ScriptedService
) -> None:
    days = [event(f"DTSTART;VALUE=DATE:{day}", uid=str(day)) for day in range(20261120, 20261129)]
    raw = body("X-WR-TIMEZONE:UTC", *chain(*days), *event("DTSTART:20261122T063000", uid="lunch"))
    service.replies = [calendar(raw)]
    zone = ZoneInfo("America/Los_Angeles")
    clock = FakeClock(datetime(2026, 11, 22, 7, 9, tzinfo=UTC))  # 23:09 of the day before
    source = IcsSource(link=lambda _: client, now=clock.now, here=lambda: zone)
    snapshot = await source.fetch_signals(ADA)
    assert [signal.id for signal in snapshot.signals] == [
        *("20261121/20261121", "lunch/20261122T063000Z", "20261122/20261122")
    ]
    assert snapshot.zone is None


async def test_a_calendar_is_read_in_the_charset_its_server_names(
    source: IcsSource, service: ScriptedService
) -> None:
    raw = body(*event("DTSTART:20261122T090000Z", "SUMMARY:Экзамен", uid="1")).decode()
    kind = 'text/calendar; method=PUBLISH; charset="KOI8-R"'
    service.replies = [Reply(body=raw.encode("koi8-r"), content_type=kind)]
    (one,) = (await source.fetch_signals(ADA)).signals
    assert one.title == "Экзамен"
