"""Run oO as `oo-desktop` does, and record by how much each import makes it grow.

Measured is the growth of PSS (proc_pid_smaps(5)) while a module runs for the first time, less that
of what it imports in turn; other threads work meanwhile, so a figure below 0.1 MB says little.
"""

import json
import sys
import threading
from collections.abc import Callable
from importlib.machinery import ExtensionFileLoader, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from tests.bench.costs import pss_megabytes

AFTER_THE_ICON = "asyncio"
"""Imported when the icon is in the tray, and not before."""


class Recorded(NamedTuple):
    """Tells of one import. megabytes: of its own."""

    module: str
    megabytes: float
    before_icon: bool


class ImportRecord:
    """Writes down every import from its `install` on, to the file that it is given."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._found: list[Recorded] = []
        self._inner = threading.local()
        self._before_icon = True

    def install(self) -> None:
        """Take the place of what every import passes."""
        for loader, name in (
            (SourceFileLoader, "exec_module"),
            (ExtensionFileLoader, "exec_module"),
            (ExtensionFileLoader, "create_module"),  # libraries are loaded here
        ):
            setattr(loader, name, self._measured(getattr(loader, name)))

    def _measured(self, load: Callable[..., Any]) -> Callable[..., Any]:
        def measured(loader: Any, given: ModuleType | ModuleSpec) -> Any:
            name = given.name if isinstance(given, ModuleSpec) else given.__name__
            self._before_icon &= name != AFTER_THE_ICON
            before_icon, outer = self._before_icon, getattr(self._inner, "grown", 0.0)
            self._inner.grown, before = 0.0, pss_megabytes("self")
            try:
                return load(loader, given)
            finally:
                grown = pss_megabytes("self") - before
                self._found.append(Recorded(name, grown - self._inner.grown, before_icon))
                self._inner.grown = outer + grown

        return measured

    def write(self) -> None:
        self._file.write_text(json.dumps(self._found))


def main() -> int:
    record = ImportRecord(Path(sys.argv.pop(1)))
    record.install()
    from oo_desktop.cli import main as oo_desktop

    try:
        return oo_desktop()
    finally:
        record.write()


if __name__ == "__main__":
    sys.exit(main())
