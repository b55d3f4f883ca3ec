"""The example and a package of broken plug-ins, installed with pip, in oO as a process."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.process import Oo
from tests.plugins.example.test_plain_notes import PlainNotes
from tests.plugins.notes_service import served

HERE = Path(__file__).parent
TOKEN = "pn_0123-4567_89ab"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip put both packages."""
    folder = tmp_path_factory.mktemp("plugins")
    target = folder / "site"
    for name in ("example", "broken"):
        shutil.copytree(HERE / name, folder / name)  # a build may leave things beside its source
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run(
        [*pip, *offline, str(folder / "example"), str(folder / "broken")], check=True, timeout=100
    )
    return target


@pytest.fixture
def notes() -> PlainNotes:
    return PlainNotes()


@pytest.fixture
def oo(tmp_path: Path, installed: Path, notes: PlainNotes) -> Iterator[Oo]:
    oo = Oo(tmp_path)
    oo.environment["PYTHONPATH"] += f":{installed}"
    with served(notes, TOKEN) as url:
        settings = f'undo_seconds = 0.1\n[plain_notes]\napi_url = "{url}"\n[nobodys]\nx = 1\n'
        (oo.home / "config.toml").write_text(settings)
        try:
            oo.start()
            oo.until_running()
            yield oo
        finally:
            if oo.process is not None:
                oo.end(signal.SIGKILL)


def paste(oo: Oo, token: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "oo_desktop", "connect", "plain_notes", "--token"],
        env=oo.environment,
        input=token,
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_an_installed_plug_in_is_connected_shows_its_notes_and_ticks_them_off(
    oo: Oo, notes: PlainNotes
) -> None:
    assert "does not accept this token" in paste(oo, "pn_another-0000", code=1)
    assert "connect plain_notes --token" in oo.ask("connect", "plain_notes", code=1)
    assert "ada@example.com" in paste(oo, TOKEN)
    oo.ask("refresh")
    assert sorted(oo.titles()) == ["Feed the cat", "Mend the <b>kite</b>"]
    oo.ask("done", "n1")
    oo.until(lambda: list(notes.open) == ["n-2"])
    oo.ask("refresh")
    oo.ask("undo", "n1")
    oo.until(lambda: set(notes.open) == {"n1", "n-2"})
    assert "disconnected" in oo.ask("disconnect", "plain_notes").lower()
    assert oo.titles() == []
    assert TOKEN not in oo.printed()


def test_what_is_wrong_with_other_plug_ins_is_named_and_everything_else_goes_on(oo: Oo) -> None:
    names = ("broken_import", "ends_the_program", "todoist")
    left_out = oo.ask_json("status")["left_out"]
    assert [sentence.split("”")[0] for sentence in left_out] == [
        f"The plug-in “{name}" for name in names
    ]
    assert "ModuleNotFoundError" in left_out[0]
    assert "SystemExit" in left_out[1]
    assert "already" in left_out[2]
    status = oo.ask("status")
    assert all(sentence in status for sentence in left_out)
    assert oo.printed().count("“broken_import” is left out") == 1, "it is logged once"
    assert "unknown setting 'nobodys'" in oo.printed()
    assert "unknown setting 'plain_notes'" not in oo.printed()
    assert "Traceback" not in oo.printed()


def test_an_account_whose_plug_in_is_gone_stays_says_so_and_can_be_disconnected(
    oo: Oo, installed: Path
) -> None:
    paste(oo, TOKEN)
    oo.ask("refresh")
    oo.end(signal.SIGTERM)
    oo.environment["PYTHONPATH"] = oo.environment["PYTHONPATH"].removesuffix(f":{installed}")
    oo.start()
    oo.until_running()
    (account,) = oo.ask_json("status")["accounts"]
    assert "plug-in" in account["reason"]
    assert account["token_status"] == "active"
    assert "cannot do this here" in oo.ask("done", "n1", code=1)
    oo.ask("disconnect", "plain_notes")
    assert oo.ask_json("integrations") == []
    assert "Traceback" not in oo.printed()
