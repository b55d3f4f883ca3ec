"""The log is in a file, which stays small and disturbs nobody."""

import logging
from pathlib import Path

import pytest

from oo_desktop.app.log_file import MAX_BYTES, OLDER_FILES, LogFile


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("oo_desktop.test", logging.INFO, __file__, 1, text, None, None)


def test_nothing_is_written_before_there_is_something_to_say(tmp_path: Path) -> None:
    with_log = LogFile(tmp_path / "oo.log")
    assert list(tmp_path.iterdir()) == []
    with_log.handle(record("hello"))
    with_log.close()
    assert "INFO oo_desktop.test: hello\n" in (tmp_path / "oo.log").read_text()


def test_a_long_log_keeps_what_came_last(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "oo.log")
    for number in range(6):
        log.handle(record(f"{number} " + "x" * (MAX_BYTES - 200)))
    log.close()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["oo.log", "oo.log.1", "oo.log.2"]
    assert len(files) == OLDER_FILES + 1
    assert all(file.stat().st_size <= MAX_BYTES for file in files)
    assert ": 5 x" in files[0].read_text()


@pytest.mark.parametrize("where", ["gone/oo.log", "file/oo.log"])
def test_where_nothing_can_be_written_nothing_is_said(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    log = LogFile(tmp_path / where)
    log.handle(record("hello"))
    log.close()
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_a_record_that_makes_no_sense_is_left_out_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = LogFile(tmp_path / "oo.log")
    wrong = record("%s and %s")
    wrong.args = ("one",)
    log.handle(wrong)
    log.handle(record("hello"))
    log.close()
    assert capsys.readouterr().err == ""
    assert (tmp_path / "oo.log").read_text().endswith("hello\n")
