"""The one `Http`: what it sends with is imported for the first request, and beside the loop."""

import asyncio
import subprocess
import sys

import pytest

from oo_desktop.http.answers import NotSent
from oo_desktop.http.requests import Http
from oo_desktop.testing import FakeClock
from tests.http.scripted import ScriptedService

ONE_REQUEST = """
import asyncio, sys, threading
from oo_desktop.clock import SystemClock
from oo_desktop.http.requests import Http

found = []

def heard(event, arguments):
    if event == "import" and threading.current_thread() is threading.main_thread():
        found.append(arguments[0])

async def main(url):
    await asyncio.to_thread(int)  # for which asyncio imports what its threads need
    http = Http(clock=SystemClock())
    before = "httpx" in sys.modules
    sys.addaudithook(heard)
    answer = await http.request("GET", url)
    print(before, answer.status, [each for each in found if sys.modules.get(each)])
    await http.aclose()

asyncio.run(main(sys.argv[1]))
"""


async def test_the_first_request_imports_the_library_and_nothing_on_the_loop(
    service: ScriptedService,
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ONE_REQUEST, service.url, stdout=subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert printed.decode().strip() == "False 200 []"


async def test_requests_that_come_together_share_one_client(
    http: Http, service: ScriptedService
) -> None:
    answers = await asyncio.gather(*(http.request("GET", service.url) for _ in range(3)))
    assert [answer.status for answer in answers] == [200] * 3
    await http.request("GET", service.url)
    assert service.connections <= 3


@pytest.mark.parametrize("asked_before", [True, False])
async def test_once_it_is_closed_nothing_is_sent(
    asked_before: bool, clock: FakeClock, service: ScriptedService
) -> None:
    http = Http(clock=clock)
    if asked_before:
        await http.request("GET", service.url)
    await http.aclose()
    with pytest.raises(NotSent):
        await http.request("GET", service.url)
    assert len(service.asked) == asked_before


async def test_closed_while_the_first_request_imports_it_sends_nothing(
    clock: FakeClock, service: ScriptedService
) -> None:
    http = Http(clock=clock)
    first = asyncio.create_task(http.request("GET", service.url))
    await asyncio.sleep(0)
    await http.aclose()
    with pytest.raises(NotSent):
        await first
    assert not service.asked
