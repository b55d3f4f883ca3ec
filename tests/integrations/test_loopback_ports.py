"""Which ports and addresses the loopback receiver takes, and what it does when it cannot."""

import errno
import socket
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from oo_desktop.errors import SignInError
from oo_desktop.integrations.loopback import Callback, address_option, listening_socket
from tests.integrations.raw_http import (
    CODE,
    PATH,
    STATE,
    get,
    is_rejected,
    port_of,
    send,
    still_waits,
    waiting,
)

GOOD = f"{PATH}?code={CODE}&state={STATE}"


def _has_ipv6() -> bool:
    try:
        listening_socket("::1", 0).close()
    except OSError:
        return False
    return True


def _refusing(address: str, code: int, times: int = 1000) -> Callable[[str, int], socket.socket]:
    """Binds as the system does, but for `address`, which fails the first `times`."""
    left = times

    def bind(host: str, port: int) -> socket.socket:
        nonlocal left
        if host == address and left:
            left -= 1
            raise OSError(code, "made up")
        return listening_socket(host, port)

    return bind


async def test_the_port_given_out_is_the_one_held_all_along() -> None:
    """Row 18: bound once, to port 0, and read; never looked for, closed and bound again."""
    async with waiting() as receiver:
        with pytest.raises(OSError, match=r"in use") as taken:
            listening_socket("127.0.0.1", port_of(receiver))
        assert taken.value.errno == errno.EADDRINUSE


async def test_ports_are_tried_in_order() -> None:
    """Row 18: the registered ones, for services that compare the port."""
    with listening_socket("127.0.0.1", 0) as taken, listening_socket("127.0.0.1", 0) as free:
        ports = (taken.getsockname()[1], free.getsockname()[1])
        free.close()
        async with waiting(ports=ports) as receiver:
            assert port_of(receiver) == ports[1]


async def test_a_port_that_only_another_family_has_taken_counts_as_taken() -> None:
    """Row 20: a browser that resolves localhost to ::1 would bring the code to a stranger."""
    async with waiting(bind=_refusing("::1", errno.EADDRINUSE, times=3)) as receiver:
        await still_waits(receiver)


async def test_where_every_port_is_taken_the_sign_in_says_so_calmly() -> None:
    """Rows 18 and 19."""
    with ExitStack() as stack:
        squatters = [stack.enter_context(listening_socket("127.0.0.1", 0)) for _ in range(2)]
        ports = tuple(squatter.getsockname()[1] for squatter in squatters)
        with pytest.raises(SignInError) as refusal:
            async with waiting(ports=ports):
                pass
    assert str(refusal.value) == (
        f"Other programs are using the ports oO needs to sign in ({ports[0]}, {ports[1]}). "
        "Close one of them and try again."
    )


@pytest.mark.parametrize("code", [errno.EADDRINUSE, errno.EACCES, errno.EMFILE])
async def test_where_no_port_can_be_had_at_all_the_sign_in_says_so(code: int) -> None:
    """Row 18."""
    with pytest.raises(SignInError, match="cannot wait for the browser"):
        async with waiting(bind=_refusing("127.0.0.1", code)):
            pass


async def test_nobody_else_can_take_the_port_while_a_sign_in_waits() -> None:
    """Row 19: not even with SO_REUSEADDR."""
    async with waiting() as receiver:
        thief = socket.socket()
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with thief, pytest.raises(OSError, match="in use"):
            thief.bind(("127.0.0.1", port_of(receiver)))


def test_windows_gets_exclusive_use_and_never_reuse() -> None:
    """Row 19: there SO_REUSEADDR would let another process steal the port."""
    assert address_option({"SO_REUSEADDR": 4, "SO_EXCLUSIVEADDRUSE": -5}) == -5
    assert address_option({"SO_REUSEADDR": 2}) == 2


async def test_localhost_is_served_on_both_addresses_and_no_other() -> None:
    """Row 20."""
    async with waiting() as receiver:
        assert not await is_rejected(port_of(receiver), "127.0.0.1")
        assert await is_rejected(port_of(receiver), "::1") is not _has_ipv6()
        assert await is_rejected(port_of(receiver), "127.0.0.2")


async def test_a_callback_over_ipv6_is_as_good() -> None:
    """Row 20."""
    address = "::1" if _has_ipv6() else "127.0.0.1"
    async with waiting() as receiver:
        assert (await send(receiver, get(receiver, GOOD), address=address)).status == 200
        assert await receiver.receive() == Callback(CODE, None)


@pytest.mark.parametrize("code", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
@pytest.mark.parametrize("absent", ["127.0.0.1", "::1"])
async def test_a_machine_with_one_address_family_uses_that(absent: str, code: int) -> None:
    """Row 20."""
    present = "::1" if absent == "127.0.0.1" and _has_ipv6() else "127.0.0.1"
    bind = _refusing(absent, code) if present != absent else listening_socket
    async with waiting(bind=bind) as receiver:
        assert (await send(receiver, get(receiver, GOOD), address=present)).status == 200


async def test_a_literal_is_bound_and_given_out_alone() -> None:
    """Row 20: what is advertised is what is bound."""
    async with waiting(advertise="127.0.0.1") as receiver:
        assert receiver.redirect_uri == f"http://127.0.0.1:{port_of(receiver)}{PATH}"
        assert await is_rejected(port_of(receiver), "::1")
