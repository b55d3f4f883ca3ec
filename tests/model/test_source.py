"""What a source can do is told by what it has, not by what it says."""

import pytest

from oo_desktop.model.signals import ProviderId, UserId
from oo_desktop.model.source import ActingSource, BatchSource, SignalSource, Snapshot
from oo_desktop.testing import ScriptedBatchSource, ScriptedSource


class OnlyReads:
    id = ProviderId("plain")

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        return Snapshot(signals=())


@pytest.mark.parametrize(
    ("source", "acts", "takes_batches"),
    [
        pytest.param(OnlyReads(), False, False, id="one that only reads"),
        pytest.param(ScriptedSource(), True, False, id="one that writes back"),
        pytest.param(ScriptedBatchSource(), True, True, id="one that writes several back at once"),
    ],
)
def test_a_source_is_known_by_its_methods(
    source: SignalSource, acts: bool, takes_batches: bool
) -> None:
    assert isinstance(source, SignalSource)
    assert isinstance(source, ActingSource) is acts
    assert isinstance(source, BatchSource) is takes_batches
