"""For tests: fakes of what a test cannot have for real, and the contract every connector keeps."""

from oo_desktop.testing.fakes import (
    TODAY,
    FakeAccounts,
    FakeClock,
    ScriptedBatchSource,
    ScriptedSource,
    settle,
    task,
)

__all__ = [
    "TODAY",
    "FakeAccounts",
    "FakeClock",
    "ScriptedBatchSource",
    "ScriptedSource",
    "settle",
    "task",
]
