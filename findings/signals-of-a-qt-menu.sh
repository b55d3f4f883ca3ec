#!/bin/sh
# A tray menu of Qt 6.11.3 (PySide6-Essentials, PyPI) tells the panel of every action apart.
#
# Qt exports a tray icon's menu over com.canonical.dbusmenu, which has one signal for a changed layout
# and one that lists changed properties of any number of items.
#   guess: what is changed in one turn of the event loop is told once
#   seen:  40 new texts: 40 ItemsPropertiesUpdated; 40 disabled: another 40
#          1 action inserted: 3 LayoutUpdated; cleared and 40 added: 81 LayoutUpdated
# Who meets it: GNOME's and KDE's hosts fetch the whole menu anew for each LayoutUpdated, under the
# pointer of whoever reads it; so a program must change as few actions as it can, and never rebuild.
# The host here is a stand-in that says it is one; needs xvfb, dbus-daemon and what Qt loads on X11.
set -eu
for program in Xvfb dbus-run-session; do
    command -v "$program" >/dev/null || { echo "install $program first"; exit 2; }
done
folder=$(mktemp -d)
display=
trap '[ -z "$display" ] || kill "$display" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet PySide6-Essentials==6.11.3 dbus-fast==5.0.0 2>/dev/null

cat >host.py <<'PY'
import asyncio
import sys
from collections import Counter

from dbus_fast import Message, MessageType, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_property, method


class Watcher(ServiceInterface):
    def __init__(self) -> None:
        super().__init__("org.kde.StatusNotifierWatcher")

    @method()
    def RegisterStatusNotifierItem(self, service: "s"):  # noqa: F821
        pass

    @dbus_property(PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> "b":  # noqa: F821
        return True


async def main() -> None:
    bus = await MessageBus().connect()
    bus.export("/StatusNotifierWatcher", Watcher())
    seen: Counter[str] = Counter()

    def count(message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.interface == "com.canonical.dbusmenu":
            seen[message.member] += 1

    bus.add_message_handler(count)
    await bus.call(
        Message(
            destination="org.freedesktop.DBus", path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus", member="AddMatch", signature="s",
            body=["type='signal',interface='com.canonical.dbusmenu'"],
        )
    )  # fmt: skip
    await bus.request_name("org.kde.StatusNotifierWatcher")
    program = await asyncio.create_subprocess_exec(
        sys.executable, "program.py", stdout=asyncio.subprocess.PIPE
    )
    while line := await program.stdout.readline():
        await asyncio.sleep(0.3)
        step = line.decode().strip()
        if step != "shown":
            print(step, *[f"{seen[name]} {name}" for name in sorted(seen)])
        seen.clear()


asyncio.run(main())
PY
cat >program.py <<'PY'
import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

app = QApplication(sys.argv)
picture = QPixmap(16, 16)
picture.fill("red")
icon = QSystemTrayIcon(QIcon(picture))
menu = QMenu()
icon.setContextMenu(menu)
actions = [menu.addAction(f"Task {number}") for number in range(40)]
icon.show()


def rename() -> None:
    for number, action in enumerate(actions):
        action.setText(f"Renamed {number}")


def disable() -> None:
    for action in actions:
        action.setEnabled(False)


def insert() -> None:
    menu.insertAction(actions[0], menu.addAction("New"))


def rebuild() -> None:
    menu.clear()
    for number in range(40):
        menu.addAction(f"Task {number}")


steps = [
    ("shown", lambda: None), ("40 texts:", rename), ("40 disabled:", disable),
    ("1 inserted:", insert), ("cleared, 40 added:", rebuild),
]  # fmt: skip


def step() -> None:
    if not steps:
        app.quit()
        return
    name, change = steps.pop(0)
    change()
    QTimer.singleShot(700, lambda: print(name, flush=True))
    QTimer.singleShot(1500, step)


QTimer.singleShot(1000, step)
app.exec()
PY
Xvfb -displayfd 3 -screen 0 800x600x24 3>number >/dev/null 2>&1 &
display=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s number ] && break; sleep 0.5; done
seen=$(DISPLAY=":$(cat number)" QT_QPA_PLATFORM=xcb timeout 60 \
    dbus-run-session -- venv/bin/python host.py 2>/dev/null)
expected="40 texts: 40 ItemsPropertiesUpdated
40 disabled: 40 ItemsPropertiesUpdated
1 inserted: 3 LayoutUpdated
cleared, 40 added: 81 LayoutUpdated"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
