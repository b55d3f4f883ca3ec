"""A click's meaning, carried out."""

import pytest

from oo_desktop.connectors.google_calendar.own_client import HELP
from oo_desktop.model.signals import AccountKey, ActionKind, ProviderId, SignalId, SignalKey, UserId
from oo_desktop.ui.view.commands import (
    Act,
    BringClient,
    CancelSignIn,
    Command,
    Commands,
    Connect,
    CopyLink,
    Discard,
    Disconnect,
    Done,
    OpenUrl,
    PasteToken,
    Quit,
    Reconnect,
    Refresh,
    Retry,
    RetryAll,
    Undo,
)

TODOIST = ProviderId("todoist")
ACCOUNT = AccountKey(TODOIST, UserId("7"))
KEY = SignalKey(ACCOUNT, SignalId("1"))


@pytest.mark.parametrize(
    ("command", "call"),
    [
        (Done(KEY), ("done", KEY)),
        (Act(KEY, ActionKind.TOMORROW), ("act", KEY, ActionKind.TOMORROW)),
        (Undo(1), ("undo", 1)),
        (Retry(2), ("retry", 2)),
        (RetryAll(), ("retry_all",)),
        (Discard(3), ("discard", 3)),
        (Refresh(), ("refresh",)),
        (Connect(TODOIST), ("connect", TODOIST)),
        (Reconnect(ACCOUNT), ("reconnect", ACCOUNT)),
        (CancelSignIn(TODOIST), ("cancel_sign_in", TODOIST)),
        (CopyLink(TODOIST), ("copy_link", TODOIST)),
        (OpenUrl("https://example.org"), ("open_url", "https://example.org")),
        (Quit(), ("quit",)),
    ],
)
def test_every_command_reaches_its_callable(
    command: Command,
    call: tuple[object, ...],
    commands: Commands,
    said: list[tuple[object, ...]],
) -> None:
    commands.obey(command)
    assert said == [call]


@pytest.mark.parametrize(
    "command",
    [Disconnect(ACCOUNT, "ana", 0), PasteToken(TODOIST, "Todoist"), BringClient(TODOIST, HELP)],
)
def test_what_needs_an_answer_first_is_not_carried_out_unasked(
    command: Command, commands: Commands, said: list[tuple[object, ...]]
) -> None:
    with pytest.raises(ValueError, match="needs an answer"):
        commands.obey(command)
    assert said == []
