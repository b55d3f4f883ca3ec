"""The servers that are offered by name."""

import re

import pytest

from oo_desktop.connectors.caldav.presets import PRESETS
from oo_desktop.http.passwords import url_from_typed
from oo_desktop.model.state import Preset


def test_each_is_offered_once_and_any_other_server_at_the_end() -> None:
    assert len({preset.id for preset in PRESETS}) == len(PRESETS)
    assert [preset.id for preset in PRESETS if not preset.server] == ["nextcloud", "other"]
    assert PRESETS[-1].id == "other"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_its_server_can_be_typed_as_it_stands(preset: Preset) -> None:
    assert not preset.server or url_from_typed(preset.server) == preset.server


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_its_hint_is_two_sentences_of_plain_text(preset: Preset) -> None:
    assert preset.hint.isprintable()
    assert not re.search("[<>&*`]", preset.hint)
    assert len(re.findall(r"\.(?: |$)", preset.hint)) == 2
