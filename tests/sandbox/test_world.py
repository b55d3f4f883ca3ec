"""One sandbox: its start, and where its people live."""

from pathlib import Path

import pytest

from oo_desktop.sandbox.world import World, machine_zone


@pytest.mark.parametrize(
    ("said", "zone"),
    [("Europe/Lisbon", "Europe/Lisbon"), (":Asia/Kolkata", "Asia/Kolkata"), ("Mars/Base", "UTC")],
    ids=["a zone is taken", "a colon before it is none of it", "an unknown one is UTC"],
)
def test_the_machines_zone_is_what_tz_says(
    monkeypatch: pytest.MonkeyPatch, said: str, zone: str
) -> None:
    monkeypatch.setenv("TZ", said)
    assert machine_zone() == zone


def test_without_tz_it_is_what_the_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    link = Path("/etc/localtime")
    named = str(link.resolve()).partition("/zoneinfo/")[2] if link.is_symlink() else ""
    assert machine_zone() == (named or "UTC")


def test_a_reset_brings_back_the_time_and_the_limits() -> None:
    world = World()
    world.clock.advance(60)
    world.todoist.reads.most = world.google.limit.most = 1
    world.todoist.cuts.most, world.todoist.sparse = 2, True
    world.reset()
    assert not world.clock.offset
    assert (world.todoist.reads.most, world.google.limit.most) == (1000, 600)
    assert (world.todoist.cuts.most, world.todoist.sparse) == (200, False)
