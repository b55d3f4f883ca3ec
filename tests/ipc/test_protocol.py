"""What both ends of the socket say and mean by it."""

import pytest

from oo_desktop.errors import OoError
from oo_desktop.ipc.protocol import FAILED, WRONG_USAGE, CommandError, Request


def test_a_request_does_not_show_its_arguments() -> None:
    shown = repr(Request("connect", {"token": "s3cret", "provider": "todoist"}))
    assert shown == "Request('connect', ['provider', 'token'])"


@pytest.mark.parametrize("code", [FAILED, WRONG_USAGE])
def test_an_error_of_a_command_has_a_sentence_and_an_exit_code(code: int) -> None:
    error = CommandError("Two accounts have it.", code=code)
    assert isinstance(error, OoError)
    assert (str(error), error.code) == ("Two accounts have it.", code)


def test_a_command_that_could_not_be_done_failed() -> None:
    assert CommandError("It is gone.").code == FAILED
