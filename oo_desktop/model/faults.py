"""Tells where a bug is, without repeating anything the program was given."""

import traceback
from collections.abc import Iterator


class ConnectorFault(Exception):
    """Tells how a connector broke its contract; the text is ours, nothing in it was given to it."""


def fault_report(error: BaseException) -> str:
    """Return where `error` came from and what led to it: classes, and frames without variables.

    The texts of exceptions are left out, because they may quote a token, or what a service
    answered; but for those of a ConnectorFault.
    """
    lines = []
    for each in _chain(error):
        name = f"{type(each).__module__}.{type(each).__qualname__}"
        lines.append(f"{name}: {each}" if isinstance(each, ConnectorFault) else name)
        lines += [line.rstrip() for line in traceback.format_tb(each.__traceback__)]
    return "\n".join(lines)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
