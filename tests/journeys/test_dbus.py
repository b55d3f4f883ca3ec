"""A program on the session bus, and a real oO: listed, done, told of, searched, started."""

import asyncio
import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from oo_desktop.folders import resource
from oo_desktop.linux import search_provider, service
from oo_desktop.linux.bus import NAME
from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.desktop.session import BUS_SETTINGS
from tests.journeys.process import Oo

TASK = "Take back the library books"


@pytest.fixture
def oo(tmp_path: Path, sandbox: SandboxProcess, private_bus: str) -> Iterator[Oo]:
    oo = Oo(tmp_path)
    oo.environment["DBUS_SESSION_BUS_ADDRESS"] = private_bus
    settings = "poll_interval = 5\nundo_seconds = 0.2\n" + config_toml(sandbox.url)
    (oo.home / "config.toml").write_text(settings)
    yield oo
    if oo.process is not None:
        oo.end(signal.SIGKILL)


async def call(
    bus: MessageBus, path: str, interface: str, member: str, signature: str = "", *body: object
) -> Any:
    message = Message(
        destination=NAME,
        path=path,
        interface=interface,
        member=member,
        signature=signature,
        body=list(body),
    )
    reply = await bus.call(message)
    assert reply.message_type is MessageType.METHOD_RETURN, (reply.error_name, reply.body)
    return reply.body[0] if reply.body else None


async def test_a_program_lists_does_and_hears_of_it(
    oo: Oo, sandbox: SandboxProcess, private_bus: str
) -> None:
    oo.start()
    oo.until_running()
    oo.ask("connect", "todoist")
    oo.ask("refresh")
    bus = await MessageBus(bus_address=private_bus).connect()
    changed = asyncio.Event()
    bus.add_message_handler(lambda message: changed.set() if message.member == "Changed" else None)
    rule = f"type='signal',sender='{NAME}',interface='{NAME}'"
    await bus.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="AddMatch",
            signature="s",
            body=[rule],
        )
    )
    listed = await call(bus, service.PATH, NAME, "List")
    told = oo.ask_json("signals")
    assert [each["id"].value for each in listed] == [each["id"] for each in told]
    (task,) = [each for each in listed if each["title"].value == TASK]
    interface = "org.gnome.Shell.SearchProvider2"
    (found,) = await call(
        bus, search_provider.PATH, interface, "GetInitialResultSet", "as", ["library"]
    )
    assert found.endswith(task["id"].value)
    changed.clear()
    await call(bus, service.PATH, NAME, "Act", "ss", task["id"].value, "done")
    async with asyncio.timeout(20):
        await changed.wait()
    titles = [each["title"].value for each in await call(bus, service.PATH, NAME, "List")]
    assert TASK not in titles
    await asyncio.to_thread(oo.until, lambda: bool(sandbox.state()["history"]))
    bus.disconnect()


def test_what_follows_the_list_hears_of_every_change(oo: Oo) -> None:
    oo.start()
    oo.until_running()
    following = subprocess.Popen(
        [sys.executable, "-m", "oo_desktop", "watch"], env=oo.environment, stdout=subprocess.PIPE
    )
    assert following.stdout is not None
    assert json.loads(following.stdout.readline()) == []
    oo.ask("connect", "todoist")
    listed = json.loads(following.stdout.readline())
    assert TASK in [each["title"] for each in listed]
    (task,) = [each for each in listed if each["title"] == TASK]
    oo.ask("done", task["id"])
    while TASK in [each["title"] for each in listed]:
        listed = json.loads(following.stdout.readline())
    following.terminate()
    following.communicate()


@pytest.fixture
def starting_bus(tmp_path: Path, oo: Oo) -> Iterator[str]:
    """The address of a bus that starts oO when somebody asks it something.

    The installed file names a program in /usr/bin; here it is this one.
    """
    services, socket = tmp_path / "services", tmp_path / "starting-bus"
    services.mkdir()
    file = resource("desktop/org.oo_desktop.Oo1.service").read_text()
    program = shlex.join([sys.executable, "-m", "oo_desktop"])
    (services / f"{NAME}.service").write_text(
        file.replace("Exec=/usr/bin/oo-desktop", f"Exec={program}")
    )
    config = tmp_path / "bus.conf"
    config.write_text(BUS_SETTINGS.format(socket=socket, services=services))
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"],
        env={**oo.environment, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={socket}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert daemon.stdout is not None
    yield daemon.stdout.readline().strip()
    oo.ask("quit")
    daemon.terminate()
    daemon.communicate()


async def test_the_bus_starts_oo_where_it_is_installed(starting_bus: str) -> None:
    bus = await MessageBus(bus_address=starting_bus).connect()
    assert await call(bus, service.PATH, NAME, "List") == []
    bus.disconnect()
