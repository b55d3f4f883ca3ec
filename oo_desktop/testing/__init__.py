"""Offers tests fakes of what they cannot have for real, and the contract of connectors."""

from oo_desktop.testing.contract import ConnectorContract
from oo_desktop.testing.fakes import (
    TODAY,
    FakeAccounts,
    FakeClock,
    ScriptedAddingSource,
    ScriptedBatchSource,
    ScriptedSource,
    settle,
    task,
)
from oo_desktop.testing.stage import Stage
from oo_desktop.testing.wire import OneToken, Sent, StandIn

__all__ = [
    "TODAY",
    "ConnectorContract",
    "FakeAccounts",
    "FakeClock",
    "OneToken",
    "ScriptedAddingSource",
    "ScriptedBatchSource",
    "ScriptedSource",
    "Sent",
    "Stage",
    "StandIn",
    "settle",
    "task",
]
