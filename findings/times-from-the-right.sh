#!/bin/sh
# A QTimeEdit of Qt 6.11.3 (PySide6-Essentials, PyPI) shows minutes before hours from right to left.
#
#   guess: ten at night is written 22:00 in Arabic and Hebrew windows too; digits are read from the left
#   seen:  00:22 with HH:mm, and PM 00:10 with h:mm AP, while displayFormat() is what was set;
#          it is 22:00 where the field itself is laid out from left to right before setDisplayFormat()
# Who meets it: whoever asks for a time in such a window; 07:30 is shown as a time that there is not.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet PySide6-Essentials==6.11.3 2>/dev/null

cat >program.py <<'PY'
from PySide6.QtCore import QLocale, Qt, QTime
from PySide6.QtWidgets import QApplication, QTimeEdit

app = QApplication([])
QLocale.setDefault(QLocale("en_US"))
app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
for direction in Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight:
    for format in "HH:mm", "h:mm AP":
        edit = QTimeEdit()
        edit.setLayoutDirection(direction)
        edit.setDisplayFormat(format)
        edit.setTime(QTime(22, 0))
        print(f"{direction.name}: {edit.displayFormat()} shows {edit.text()}")
PY
seen=$(QT_QPA_PLATFORM=offscreen venv/bin/python program.py)
expected="RightToLeft: HH:mm shows 00:22
RightToLeft: h:mm AP shows PM 00:10
LeftToRight: HH:mm shows 22:00
LeftToRight: h:mm AP shows 10:00 PM"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
