"""Stand in for KWallet, which the bus starts by its own name, and which then serves the Secret
Service: here by gnome-keyring.

python -m tests.desktop.kwallet NAME STARTS [serves]
"""

import subprocess
import sys
from pathlib import Path

import jeepney  # type: ignore[import-untyped]  # has no types
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # as above

from tests.desktop.keyring_daemon import PASSWORD


def main(name: str, starts: Path, *serves: str) -> None:
    """Note the start, own the name, and serve until the bus is gone."""
    with starts.open("a") as file:
        file.write(f"{name}\n")
    bus = open_dbus_connection()
    command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
    daemon = subprocess.Popen(command, stdin=subprocess.PIPE) if serves else None
    if daemon is not None and daemon.stdin is not None:
        daemon.stdin.write(PASSWORD.encode())
        daemon.stdin.close()
    bus.send_and_get_reply(jeepney.bus_messages.message_bus.RequestName(name))
    try:
        while True:
            bus.receive()
    except (OSError, EOFError):
        if daemon is not None:
            daemon.terminate()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
