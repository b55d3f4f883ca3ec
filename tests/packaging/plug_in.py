"""Asks an installed oO, which is not the demo, for a plug-in in a person's own folder."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

DEADLINE_SECONDS = 60.0


def main() -> None:
    """Start oO, and try to connect what the plug-in brings; it also starts with the session."""
    keyring = "keyring.backends.null.Keyring"
    environment = {
        **os.environ,
        "XDG_RUNTIME_DIR": tempfile.mkdtemp(),
        "PYTHON_KEYRING_BACKEND": keyring,
    }
    oo = subprocess.Popen(["oo-desktop"], env=environment)
    try:
        end = time.monotonic() + DEADLINE_SECONDS
        while ask(environment, "status").returncode != 0:
            assert time.monotonic() < end
            time.sleep(0.2)
        said = ask(environment, "connect", "plain_notes")
        assert "connect plain_notes --token" in said.stderr + said.stdout, said
        assert ask(environment, "autostart", "on").returncode == 0
        entry = (Path.home() / ".config/autostart/oo-desktop.desktop").read_text()
        assert "\nExec=/usr/bin/oo-desktop\n" in entry, entry
        assert ask(environment, "quit").returncode == 0
        oo.wait(DEADLINE_SECONDS)
    finally:
        oo.kill()
    print("found, and autostart names /usr/bin/oo-desktop")


def ask(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Return what a command says."""
    return subprocess.run(
        ["oo-desktop", *words], env=environment, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    main()
