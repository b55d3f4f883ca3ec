"""A keyring in a file, whose entries outlive the process that is killed, as a desktop's do."""

import json
import os
from pathlib import Path

import keyring.backend


class FileKeyring(keyring.backend.KeyringBackend):
    """The file is named by FAULTS_KEYRING. Written whole: a real keyring is not killed with oO."""

    priority = 5

    def _file(self) -> Path:
        return Path(os.environ["FAULTS_KEYRING"])

    def _all(self) -> dict[str, str]:
        file = self._file()
        entries: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        return entries

    def _write(self, entries: dict[str, str]) -> None:
        new = self._file().with_suffix(".new")
        new.write_text(json.dumps(entries))
        new.replace(self._file())

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service}|{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._all(), f"{service}|{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        entries = self._all()
        del entries[f"{service}|{username}"]
        self._write(entries)
