"""That the network came back: from routes that a test makes, and from the kernel's own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from oo_desktop.linux.routes import RouteWatch, has_default_route, watch_routes

HEADINGS = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
NONE, ALL = "0" * 8, "F" * 8
V6 = "0" * 32


class Network:
    """Is online or not, and tells of each change as the kernel does: of one kind, with no news."""

    def __init__(self) -> None:
        self.online = True
        self.told, self.changes = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.changes.setblocking(False)
        self.backs = 0

    def become(self, *, online: bool) -> None:
        self.online = online
        self.told.send(b"a route")

    def back(self) -> None:
        self.backs += 1

    def watch(self, *, settle: int = 0) -> RouteWatch:
        return RouteWatch(
            self.back, changes=self.changes, online=lambda: self.online, settle=settle
        )


@pytest.fixture
def network(qtbot: QtBot) -> Iterator[Network]:
    network = Network()
    yield network
    network.told.close()
    network.changes.close()


def test_a_network_that_was_gone_comes_back_once(network: Network, qtbot: QtBot) -> None:
    watch = network.watch()
    network.become(online=False)
    qtbot.wait(5)
    for _ in range(3):
        network.become(online=True)
        qtbot.wait(5)
    assert network.backs == 1
    watch.deleteLater()


def test_a_network_that_was_not_there_from_the_start_comes(network: Network, qtbot: QtBot) -> None:
    network.online = False
    watch = network.watch()
    network.become(online=True)
    qtbot.waitUntil(lambda: network.backs == 1)
    watch.deleteLater()


def test_routes_that_change_while_there_is_a_network_say_nothing(
    network: Network, qtbot: QtBot
) -> None:
    watch = network.watch()
    for _ in range(5):
        network.become(online=True)
    qtbot.wait(20)
    assert network.backs == 0
    watch.deleteLater()


def test_a_network_that_goes_again_before_it_could_be_used_is_not_back(
    network: Network, qtbot: QtBot
) -> None:
    watch = network.watch(settle=30)
    for online in (False, True, False):
        network.become(online=online)
        qtbot.wait(5)
    qtbot.wait(60)
    assert network.backs == 0
    watch.deleteLater()


def route(to: str, flags: str, mask: str, *, interface: str = "eth0") -> str:
    return f"{interface} {to} 010200C0 {flags} 0 0 0 {mask} 0 0 0\n"


def route6(length: str, flags: str, *, interface: str = "eth0") -> str:
    return f"{V6} {length} {V6} 00 {V6} 00000400 00000003 00000000 {flags} {interface}\n"


@pytest.mark.parametrize(
    ("ipv4", "ipv6", "leads"),
    [
        pytest.param(route(NONE, "0003", NONE), "", True, id="a gateway"),
        pytest.param(route(NONE, "0001", NONE, interface="tun0"), "", True, id="a tunnel"),
        pytest.param(route("000200C0", "0001", "00FFFFFF"), "", False, id="only the own network"),
        pytest.param(route(NONE, "0201", NONE), "", False, id="everything rejected"),
        pytest.param(route(NONE, "0002", NONE), "", False, id="a route that is down"),
        pytest.param(None, route6("00", "00000003"), True, id="only IPv6"),
        pytest.param("", route6("00", "00200200", interface="lo"), False, id="IPv6 unreachable"),
        pytest.param("", route6("40", "00000001"), False, id="only the own network, IPv6"),
        pytest.param("", "", False, id="none"),
        pytest.param(None, None, False, id="nothing to read"),
        pytest.param(f"eth0 {NONE} x zz 0 0 0 {NONE} 0\n\x80\n", "?", False, id="not such a table"),
    ],
)
def test_a_default_route_is_found(
    tmp_path: Path, ipv4: str | None, ipv6: str | None, leads: bool
) -> None:
    if ipv4 is not None:
        (tmp_path / "route").write_text(HEADINGS + ipv4)
    if ipv6 is not None:
        (tmp_path / "ipv6_route").write_text(ipv6)
    assert has_default_route(tmp_path) is leads


IN_A_NETWORK_OF_ITS_OWN = """
import subprocess, sys
from PySide6.QtCore import QCoreApplication, QTimer
from oo_desktop.linux.routes import watch_routes
qt = QCoreApplication([])
def back():
    print("back", flush=True)
    qt.quit()
watch = watch_routes(back)
def say(*words):
    subprocess.run(["ip", *words], check=True)
say("link", "add", "one", "type", "veth", "peer", "name", "two")
say("link", "set", "two", "up")
say("link", "set", "one", "up")
say("address", "add", "192.0.2.1/24", "dev", "one")
QTimer.singleShot(0, lambda: say("route", "add", "default", "via", "192.0.2.2"))
QTimer.singleShot(20000, lambda: sys.exit("not heard"))
sys.exit(qt.exec())
"""


def test_the_kernels_own_word_is_heard() -> None:
    command = ["unshare", "--net", "--map-root-user", sys.executable, "-c", IN_A_NETWORK_OF_ITS_OWN]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    possible = subprocess.run([*command[:3], "ip", "link"], check=False, capture_output=True)
    if possible.returncode:  # without user namespaces, or without iproute2
        pytest.skip("no network of one's own can be had here")
    assert subprocess.check_output(command, env=environment, text=True, timeout=60) == "back\n"


def test_where_the_kernel_may_be_heard_it_is(qtbot: QtBot) -> None:
    assert isinstance(watch_routes(lambda: None), RouteWatch)
