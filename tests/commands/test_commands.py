"""What a person can ask for: one closed set of values, each offered somewhere."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import oo_desktop
from oo_desktop.commands.commands import Answering, CheckClient, Command, Connect, UseClient
from oo_desktop.errors import Rejected
from oo_desktop.model.signals import ProviderId

TODOIST = ProviderId("todoist")
PACKAGE = Path(oo_desktop.__file__).parent
SURFACES = ("ui", "notifications", "app")


def made_in(*folders: str) -> set[str]:
    """The names of all that is called in those folders."""

    def calls(tree: ast.AST) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id

    files = (file for folder in folders for file in (PACKAGE / folder).rglob("*.py"))
    return {name for file in files for name in calls(ast.parse(file.read_text()))}


def test_every_command_is_offered_on_the_screen_or_comes_over_the_socket() -> None:
    made = made_in(*SURFACES)
    nowhere = {
        kind.__name__
        for kind in get_args(Command)
        if kind.__struct_config__.tag is None and kind.__name__ not in made
    }
    assert nowhere == set()


def test_what_comes_over_the_socket_has_the_names_that_scripts_know() -> None:
    tags = {kind.__struct_config__.tag for kind in get_args(Command)} - {None}
    assert tags == {
        "wake", "quit", "status", "signals", "integrations", "calendars", "show_calendar", "done",
        "act", "add", "undo", "undoable", "retry", "discard", "outbox", "join", "refresh",
        "connect", "disconnect", "watch", "report", "show", "ask_to_add",
        "set", "settings", "pause", "resume",
    }  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [Connect(TODOIST, token="hush"), CheckClient(TODOIST, "hush"), UseClient(TODOIST, "hush")],
)
def test_no_secret_is_in_what_a_command_looks_like(command: Command) -> None:
    assert "hush" not in repr(command)


def test_a_window_hears_in_a_sentence_how_its_command_fared() -> None:
    answers: list[str | None] = []
    window = Answering(answers.append)
    window.failed(Rejected("This is no token."))
    window.answered(CheckClient(TODOIST, ""), None)
    assert answers == ["This is no token.", None]
