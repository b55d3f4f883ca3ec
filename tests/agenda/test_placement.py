"""The signals of one account in their places, and what is counted of them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from oo_desktop.agenda.placement import Bucket, Entries, Placement
from oo_desktop.model.signals import AnySignal, Day, Fixed, Floating, SignalId, Task
from tests.kept_memory import bytes_of_one_more, watched_by_one_more

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = Day(date(2026, 11, 22))

MakeTask = Callable[..., Task]


def placed(*listed: AnySignal) -> Placement:
    placement = Placement(listed, BERLIN)
    placement.complete()
    return placement


def entries(bucket: Bucket, *listed: AnySignal) -> Entries:
    return Entries([placed(*listed).buckets(NOW)[bucket]], overdue=bucket is Bucket.OVERDUE)


def test_what_is_due_alike_stands_in_the_services_own_order(make_task: MakeTask) -> None:
    tasks = [make_task(f"T {number}", TODAY, id=str(number)) for number in (3, 1, 2)]
    urgent = make_task("Urgent", TODAY, id="9", priority=1)
    shown = [entry.signal for entry in entries(Bucket.TODAY, *tasks, urgent)]
    assert shown == [urgent, *tasks]


def test_only_what_is_looked_at_of_a_long_list_becomes_an_entry(make_task: MakeTask) -> None:
    later = entries(Bucket.LATER, *(make_task(id=str(number)) for number in range(10_000)))
    assert [entry.signal.id for entry in later.first(2)] == ["0", "1"]
    assert len(later.first(None)) == len(list(later)) == len(later) == 10_000


def test_the_lists_of_several_accounts_stand_in_one_order_and_equals_in_that_of_accounts(
    make_task: MakeTask,
) -> None:
    early, late, urgent, same = (
        make_task(name, Floating(datetime(2026, 11, 22, hour)), id=name, priority=priority)  # noqa: DTZ001  # it floats
        for name, hour, priority in (("1", 14, 4), ("2", 18, 4), ("3", 14, 1), ("4", 18, 4))
    )
    lists = [placed(*each).buckets(NOW)[Bucket.TODAY] for each in ([early, late], [urgent, same])]
    today = Entries(lists)
    expected = [urgent, early, late, same]
    assert [entry.signal for entry in today.first(3)] == expected[:3]
    assert [entry.signal for entry in today] == expected
    assert today.first_timed is not None
    assert (today.first_timed.signal, today.to_do, len(today)) == (urgent, 4, 4)


def test_where_nothing_waits_a_bucket_is_the_very_same(make_task: MakeTask) -> None:
    done, later = make_task("Milk", TODAY, id="1"), make_task("Some day", id="2")
    placement = placed(done, later)
    before, after = placement.buckets(NOW), placement.buckets_with({done.id: None}, NOW)
    assert (before[Bucket.TODAY] != after[Bucket.TODAY]) is True
    assert before[Bucket.LATER] is after[Bucket.LATER]
    assert len(before[Bucket.TODAY]) == 1


def test_what_nobody_can_tick_off_is_listed_and_not_counted(make_task: MakeTask) -> None:
    header = make_task("Header", TODAY, id="1", actions=())
    today = entries(Bucket.TODAY, header, make_task("Milk", TODAY, id="2"))
    assert (len(today), today.to_do) == (2, 1)


def test_the_first_with_a_time_is_one_that_can_be_ticked_off(make_task: MakeTask) -> None:
    header = make_task("Header", Floating(datetime(2026, 11, 22, 14)), id="1", actions=())  # noqa: DTZ001  # it floats
    call = make_task("Call", Fixed(datetime(2026, 11, 22, 17, tzinfo=UTC), "UTC"), id="2")
    today = entries(Bucket.TODAY, header, make_task("Milk", TODAY, id="3"), call)
    assert today.first_timed is not None
    assert today.first_timed.signal is call
    assert entries(Bucket.TODAY, header).first_timed is None


def test_a_place_in_a_long_list_takes_little_memory_and_no_garbage_collection(
    make_task: MakeTask,
) -> None:
    def kept(count: int) -> Placement:
        placement = placed(*tasks[count])
        placement.buckets(NOW)
        return placement

    dues = [TODAY, Floating(datetime(2026, 11, 22, 14)), None]  # noqa: DTZ001  # it floats
    tasks = {
        count: [make_task(due=dues[n % 3], id=str(n)) for n in range(count)]
        for count in (500, 2_500)
    }
    # What is said of it in a tuple of seven, its number, and its place in two tuples and a dict.
    assert bytes_of_one_more(kept) < 200
    assert watched_by_one_more(kept) < 0.1


def test_a_signal_is_found_by_its_id(make_task: MakeTask) -> None:
    task = make_task(id="1")
    placement = placed(task)
    assert placement.get(SignalId("1")) is task
    assert placement.get(SignalId("2")) is None


def test_it_is_complete_once_all_steps_are_done_by_whomever(make_task: MakeTask) -> None:
    listed = tuple(make_task("T", TODAY, id=str(number)) for number in range(1_000))
    placement = Placement(listed, BERLIN)
    next(placement.steps)
    placement.complete()
    assert list(placement.steps) == []
    assert len(placement.buckets(NOW)[Bucket.TODAY]) == 1_000
