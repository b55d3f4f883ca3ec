#!/bin/sh
# A tray icon of Qt 6.11.3 (PySide6-Essentials, PyPI) has the token of a click, and Python does not.
#
# Under Wayland a window comes to the front only with a token that the desktop gives for a click. Plasma and
# GNOME's AppIndicator extension give one to the icon before each click (ProvideXdgActivationToken).
#   guess: Qt has a way to ask for it, or it is in os.environ["XDG_ACTIVATION_TOKEN"] while the click is handled
#   seen:  Qt sets that variable of the process with the C library: os.environ, read at the start, does not have
#          it, and so neither does what is started with env=os.environ or a copy of it. What is started without
#          env= has it; and goes on having it, as nobody takes it back: each later program gets the old one
# Who meets it: a tray program in Python that opens a page or a file: the browser's window stays behind, or the
# taskbar flashes; with env= left out it works once. The host here is a stand-in.
set -eu
for program in Xvfb xvfb-run dbus-run-session gdbus; do
    command -v $program >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet PySide6-Essentials==6.11.3 jeepney==0.9.0 2>/dev/null

cat >watcher.py <<'PY'
from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

bus = open_dbus_connection()
bus.send_and_get_reply(message_bus.RequestName("org.kde.StatusNotifierWatcher"))
while True:
    message = bus.receive()
    if message.header.message_type is not MessageType.method_call:
        continue
    match message.header.fields[HeaderFields.member]:
        case "Get":
            bus.send(new_method_return(message, "v", (("b", True),)))
        case "RegisterStatusNotifierItem":
            bus.send(new_method_return(message))
            with open("item", "w") as file:
                file.write(message.header.fields[HeaderFields.sender])
        case _:
            bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))
PY
cat >show.py <<'PY'
import os
import subprocess
import time
from pathlib import Path

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

TOKEN = "XDG_ACTIVATION_TOKEN"
qt = QApplication([])
pixmap = QPixmap(22, 22)
pixmap.fill()
icon = QSystemTrayIcon(QIcon(pixmap))
clicked = []
icon.activated.connect(clicked.append)
icon.show()


def until(condition):
    while not condition():
        qt.processEvents()
        time.sleep(0.02)


def child(**more):
    return subprocess.run(["printenv", TOKEN], capture_output=True, text=True, **more).stdout.strip()


until(lambda: Path("item").exists() and Path("item").read_text())
call = ["gdbus", "call", "--session", "--dest", Path("item").read_text()]
call += ["--object-path", "/StatusNotifierItem"]
interface = "org.kde.StatusNotifierItem"
for words in (["ProvideXdgActivationToken", "token"], ["Activate", "1", "1"]):
    asking = subprocess.Popen([*call, "--method", f"{interface}.{words[0]}", *words[1:]])
    until(lambda: asking.poll() is not None)
until(lambda: clicked)
print("os.environ:", os.environ.get(TOKEN))
print("env=os.environ.copy():", repr(child(env=os.environ.copy())))
print("without env=:", child())
print("later:", child())
PY
cat >session.sh <<'SH'
venv/bin/python watcher.py &
watcher=$!
gdbus wait --session --timeout 20 org.kde.StatusNotifierWatcher
venv/bin/python show.py | grep -v '^()'
kill $watcher
SH
seen=$(env -u XDG_ACTIVATION_TOKEN HOME="$folder" timeout 60 xvfb-run -a dbus-run-session -- sh session.sh 2>errors)
expected="os.environ: None
env=os.environ.copy(): ''
without env=: token
later: token"
venv/bin/pip list 2>/dev/null | grep PySide6
printf '%s\n' "$seen"
[ "$seen" = "$expected" ] || { printf 'This has changed; expected was:\n%s\n' "$expected"; exit 1; }
