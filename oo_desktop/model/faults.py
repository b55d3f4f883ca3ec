"""What went wrong inside a connector, told without repeating anything it was given."""

import traceback


class ConnectorFault(Exception):
    """A connector broke its contract; the text is ours and holds nothing it was given."""


def fault_report(error: BaseException) -> str:
    """Where a bug in a connector is, for the log: files and lines, without the error's own text.

    That text may hold whatever the connector was given: a token, or what the service answered.
    """
    places = "".join(traceback.format_tb(error.__traceback__))
    text = str(error) if isinstance(error, ConnectorFault) else type(error).__name__
    return f"{text}\n{places}".rstrip()
