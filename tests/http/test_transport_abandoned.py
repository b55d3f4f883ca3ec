"""The HTTP client when it gives a body up: nothing of it is left for the garbage collector.

pytest turns what a finaliser raises into a failure.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.http import abandoned
from tests.http.scripted import Reply

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=[True, False], ids=["looked after", "left alone"])
def looked_after(request: pytest.FixtureRequest) -> bool:
    """Whether the loop finalises asynchronous generators: asyncio's does, Qt's does not."""
    return bool(request.param)


def leave_generators_alone() -> None:
    """For as long as the loop runs: it puts back what was before."""
    sys.set_asyncgen_hooks(firstiter=None, finalizer=None)


@pytest.mark.parametrize("reply", abandoned.REPLIES.values(), ids=abandoned.REPLIES)
async def test_a_body_given_up_leaves_nothing_behind(reply: Reply, looked_after: bool) -> None:
    if not looked_after:
        leave_generators_alone()
    await abandoned.given_up(reply)


async def test_a_request_cancelled_in_its_body_leaves_nothing_behind(looked_after: bool) -> None:
    if not looked_after:
        leave_generators_alone()
    await abandoned.cancelled_in_the_body()


async def test_a_request_cancelled_while_it_inflates_leaves_nothing_behind(
    looked_after: bool,
) -> None:
    if not looked_after:
        leave_generators_alone()
    await abandoned.cancelled_while_inflating()


async def test_on_the_loop_of_the_app_nothing_is_said_about_bodies_given_up() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "tests.http.abandoned"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said = await process.communicate()
    assert (process.returncode, said) == (0, (b"", b""))
