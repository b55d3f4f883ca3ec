"""The token of a click, in the environment of this process."""

import os
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QProcessEnvironment

from oo_desktop.linux.activation import TOKEN, keep_token, with_token


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    with_token()
    yield
    with_token()


def test_what_a_click_opens_gets_its_token_once() -> None:
    keep_token("of-a-click")
    assert with_token()[TOKEN] == "of-a-click"
    assert TOKEN not in with_token()


def test_a_token_that_qt_has_put_into_the_environment_is_found() -> None:
    os.putenv(TOKEN, "of-the-tray")  # as Qt does, past os.environ
    assert TOKEN not in os.environ
    environment = with_token()
    assert environment[TOKEN] == "of-the-tray"
    assert environment["PATH"] == os.environ["PATH"]
    assert not QProcessEnvironment.systemEnvironment().contains(TOKEN)
