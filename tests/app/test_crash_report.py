from datetime import UTC, datetime
from pathlib import Path

from oo_desktop.app.crash_report import report_text, write_report

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_bug() -> BaseException:
    try:
        try:
            int("planted-secret")
        except ValueError as error:
            raise RuntimeError("planted-secret as well") from error
    except RuntimeError as error:
        return error
    raise AssertionError


def test_a_report_says_where_and_what_but_quotes_nothing() -> None:
    text = report_text(a_bug())
    assert "builtins.RuntimeError" in text
    assert "builtins.ValueError" in text
    assert "in a_bug" in text
    # The line of source is there; what it was given at run time is not.
    assert "invalid literal" not in text


def test_a_report_is_its_owners_alone(tmp_path: Path) -> None:
    path = write_report(tmp_path, "text", now=NOW)
    assert path is not None
    assert path.read_text() == "text"
    assert path.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_costs_only_the_file(tmp_path: Path) -> None:
    assert write_report(tmp_path / "nowhere", "text", now=NOW) is None
