"""oO is on the session bus under one name, where there is one, and gone when it ends."""

from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method

from oo_desktop.linux.bus import NAME, BusPresence, Export


class Greeter(ServiceInterface):
    def __init__(self) -> None:
        super().__init__("org.example.Greeter")

    @dbus_method()
    def Greet(self) -> None: ...  # noqa: N802  # as D-Bus names are written


async def owner(address: str) -> str | None:
    """Who has oO's name on the bus."""
    bus = await MessageBus(bus_address=address).connect()
    try:
        introspection = await bus.introspect("org.freedesktop.DBus", "/org/freedesktop/DBus")
        proxy = bus.get_proxy_object("org.freedesktop.DBus", "/org/freedesktop/DBus", introspection)
        daemon = proxy.get_interface("org.freedesktop.DBus")
        names = await daemon.call_list_names()  # type: ignore[attr-defined]  # made at run time
        if NAME not in names:
            return None
        return str(await daemon.call_get_name_owner(NAME))  # type: ignore[attr-defined]  # as above
    finally:
        bus.disconnect()


async def test_the_name_is_there_until_the_end(private_bus: str) -> None:
    presence = BusPresence([Export("/x", Greeter())], address=private_bus)
    await presence.start()
    assert await owner(private_bus) is not None
    presence.stop()
    assert await owner(private_bus) is None
    presence.stop()


async def test_a_second_one_gets_the_name_when_the_first_ends(private_bus: str) -> None:
    first, second = (BusPresence([], address=private_bus) for _ in range(2))
    await first.start()
    had = await owner(private_bus)
    await second.start()
    assert await owner(private_bus) == had
    first.stop()
    assert await owner(private_bus) not in (None, had)
    second.stop()


async def test_without_a_bus_nothing_happens() -> None:
    for address in ("unix:path=/nowhere/at/all", "nonsense", ""):
        presence = BusPresence([], address=address)
        await presence.start()
        presence.stop()
