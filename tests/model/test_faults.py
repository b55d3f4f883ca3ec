"""Where a bug is can be read in the log, and nothing that the program was given."""

from oo_desktop.model.faults import ConnectorFault, fault_report


def a_fault() -> BaseException:
    try:
        try:
            int("Bearer SECRET")
        except ValueError as error:
            raise RuntimeError("Bearer SECRET") from error
    except RuntimeError as error:
        return error
    raise AssertionError


def test_a_fault_is_reported_with_its_place_and_without_its_text() -> None:
    report = fault_report(a_fault())
    assert "builtins.RuntimeError" in report
    assert "test_faults.py" in report
    assert report.count("SECRET") == 2  # in this file's own source lines, not from the errors


def test_what_led_to_a_fault_is_reported_as_well() -> None:
    assert "builtins.ValueError" in fault_report(a_fault())


def test_an_error_that_led_to_itself_is_reported_once() -> None:
    error = ZeroDivisionError()
    error.__cause__ = RuntimeError()
    error.__cause__.__cause__ = error
    assert fault_report(error) == "builtins.ZeroDivisionError\nbuiltins.RuntimeError"


def test_how_a_connector_broke_its_contract_is_told() -> None:
    report = fault_report(ConnectorFault("returned two signals with one id"))
    assert report == "oo_desktop.model.faults.ConnectorFault: returned two signals with one id"
