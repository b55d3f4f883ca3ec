"""The demo: services of its own, and nothing left behind."""

import re
from urllib.request import urlopen

import pytest

from oo_desktop.app.demo import demo
from oo_desktop.config import settings_from_toml, text_of


def test_the_demo_runs_on_services_and_in_a_folder_of_its_own_while_it_lasts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with demo() as made:
        home = made.folders.config
        assert home.exists()
        settings = settings_from_toml(text_of(made.folders.config_file))
        assert str(settings.sections["todoist"]["api_url"]).startswith("http://127.0.0.1:")
        with urlopen(made.calendar) as answer:  # the sandbox's own address
            assert b"BEGIN:VCALENDAR" in answer.read()
        assert made.account.server == made.calendar.partition("/ics/")[0]
        assert made.account.password not in repr(made)
    assert not home.exists()
    said = capsys.readouterr().out
    assert re.search(rf"OO_DESKTOP_HOME={home} \S+ signals", said)
