"""No token, code or verifier is ever written anywhere but to the keyring."""

import logging
from typing import Literal

import pytest

from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.integrations.keyring import MemoryKeyring
from tests.journeys.story import Story

PHASES: tuple[Literal["setup", "call"], ...] = ("setup", "call")


async def secrets_of(story: Story) -> set[str]:
    """Every token this story's keyring ever held, and the personal one."""
    assert isinstance(story.keyring, MemoryKeyring)
    tokens = {(await story.control("personal_token"))["token"]}
    for value in story.keyring.entries.values():
        tokens |= {part for part in value.split('"') if len(part) >= 20 and ":" not in part}
    return tokens


def everything_written(story: Story, caplog: pytest.LogCaptureFixture) -> bytes:
    home = story.folders.data
    files = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    records = "\n".join(
        f"{record.getMessage()} {record.exc_text or ''} {record.__dict__}"
        for phase in PHASES
        for record in caplog.get_records(phase)
    )
    return files + records.encode()


async def test_no_token_is_in_any_file_log_or_state(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await story.connect()
        secrets = await secrets_of(story)
        await story.control("expire")
        await story.engine.refresh()
        secrets |= await secrets_of(story)
        await story.click("Take back the library books")
        await story.control("revoke")
        await story.until(lambda: bool(story.notifications.about_reconnecting()))
        await story.engine.accounts.connect_with_token(
            TODOIST, (await story.control("personal_token"))["token"]
        )
        secrets |= await secrets_of(story)
        shown = repr(story.engine.state()).encode()
        await story.close()
    assert len(secrets) >= 5
    written = everything_written(story, caplog) + shown
    assert [secret[:4] for secret in secrets if secret.encode() in written] == []
    await story.open()
