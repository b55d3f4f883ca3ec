"""Who subscribed is told, and a bad subscriber spoils nothing."""

import pytest

from oo_desktop.events import BusEvent, EventBus, IntegrationsChanged, SignalsChanged
from oo_desktop.testing import ScriptedSource

ADA = ScriptedSource().key()


def test_a_subscriber_is_told_of_its_kind_of_event_only() -> None:
    bus = EventBus()
    told: list[BusEvent] = []
    bus.subscribe(SignalsChanged, told.append)
    bus.publish(IntegrationsChanged())
    bus.publish(SignalsChanged(ADA))
    assert told == [SignalsChanged(ADA)]


def test_subscribers_are_told_in_the_order_they_came() -> None:
    bus = EventBus()
    told: list[int] = []
    for number in range(3):
        bus.subscribe(IntegrationsChanged, lambda _, number=number: told.append(number))  # type: ignore[misc]  # a default binds it
    bus.publish(IntegrationsChanged())
    assert told == [0, 1, 2]


def test_who_unsubscribed_is_told_nothing_and_may_say_so_twice() -> None:
    bus = EventBus()
    told: list[BusEvent] = []
    unsubscribe = bus.subscribe(IntegrationsChanged, told.append)
    bus.publish(IntegrationsChanged())
    unsubscribe()
    unsubscribe()
    bus.publish(IntegrationsChanged())
    assert len(told) == 1


def test_a_handler_subscribed_twice_is_told_twice_and_ends_one_at_a_time() -> None:
    bus = EventBus()
    told: list[BusEvent] = []
    first = bus.subscribe(IntegrationsChanged, told.append)
    bus.subscribe(IntegrationsChanged, told.append)
    first()
    first()
    bus.publish(IntegrationsChanged())
    assert len(told) == 1


@pytest.mark.logs_warnings
def test_a_failing_subscriber_is_logged_and_the_others_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus = EventBus()
    told: list[BusEvent] = []

    def broken(_event: BusEvent) -> None:
        raise ZeroDivisionError

    bus.subscribe(IntegrationsChanged, broken)
    bus.subscribe(IntegrationsChanged, told.append)
    bus.publish(IntegrationsChanged())
    assert len(told) == 1
    assert "signals.integration.changed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_subscriber_may_unsubscribe_while_it_is_told() -> None:
    bus = EventBus()
    told: list[str] = []

    def once(_event: BusEvent) -> None:
        told.append("once")
        unsubscribe()

    unsubscribe = bus.subscribe(IntegrationsChanged, once)
    bus.subscribe(IntegrationsChanged, lambda _: told.append("always"))
    bus.publish(IntegrationsChanged())
    bus.publish(IntegrationsChanged())
    assert told == ["once", "always", "always"]


def test_an_event_may_be_published_from_within_another() -> None:
    bus = EventBus()
    told: list[BusEvent] = []
    bus.subscribe(SignalsChanged, lambda _: bus.publish(IntegrationsChanged()))
    bus.subscribe(IntegrationsChanged, told.append)
    bus.publish(SignalsChanged(ADA))
    assert told == [IntegrationsChanged()]


def test_the_names_of_events_are_those_others_rely_on() -> None:
    names = {kind.__name__: kind.name for kind in BusEvent.__subclasses__()}
    assert names["TokenExpired"] == "signals.integration.token_expired"
    assert len(set(names.values())) == len(names)


def test_who_wants_everything_is_told_everything() -> None:
    bus = EventBus()
    told: list[BusEvent] = []
    unsubscribe = bus.subscribe_all(told.append)
    bus.publish(IntegrationsChanged())
    bus.publish(SignalsChanged(ADA))
    unsubscribe()
    bus.publish(IntegrationsChanged())
    assert told == [IntegrationsChanged(), SignalsChanged(ADA)]
