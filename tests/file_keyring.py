"""Keep a keyring in a file: its entries outlive the process that is killed, as a desktop's do."""

import json
import os
from pathlib import Path

import keyring.backend
import keyring.errors
from keyring.compat import properties

ROOT = Path(__file__).parents[1]


class FileKeyring(keyring.backend.KeyringBackend):
    """Writes all of it or nothing, however suddenly its process ends.

    file: by default the one that TEST_KEYRING names.
    """

    @properties.classproperty
    def priority(cls) -> float:  # noqa: N805  # it is one of the class
        """Return how much it is preferred. Raises RuntimeError where it is not asked for.

        keyring knows every class that was ever defined, and would choose this one in the tests'
        own process, too.
        """
        if "TEST_KEYRING" not in os.environ:
            raise RuntimeError("TEST_KEYRING names no file")
        return 5

    def __init__(self, file: Path | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types there
        self._file = file or Path(os.environ["TEST_KEYRING"])

    def _all(self) -> dict[str, str]:
        if "TEST_KEYRING_LOCKED" in os.environ:
            raise keyring.errors.KeyringLocked
        entries: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}
        return entries

    def _write(self, entries: dict[str, str]) -> None:
        new = self._file.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(entries))
        new.replace(self._file)

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service}|{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._all(), f"{service}|{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        entries = self._all()
        del entries[f"{service}|{username}"]
        self._write(entries)


def environment(home: Path, keyring_file: Path) -> dict[str, str]:
    """Return the environment of an oO without a display, with its `home` and such a keyring."""
    return {
        **{name: value for name, value in os.environ.items() if "DISPLAY" not in name},
        "OO_DESKTOP_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "PYTHON_KEYRING_BACKEND": f"{__name__}.{FileKeyring.__name__}",
        "TEST_KEYRING": str(keyring_file),
    }
