#!/bin/sh
# A QLabel of Qt 6.11.3 (PySide6-Essentials, PyPI) places lines from right to left in three ways.
#
#   guess: in a window laid out from right to left all lines of all labels begin at the right edge
#   seen:  a line of Latin letters alone begins at the left: its first letter decides;
#          of several lines of Hebrew, all but the last begin the width of a space too far left,
#          and what ends them is cut where the label is hardly wider than they are;
#          where the text can be selected they all begin at the edge
# Who meets it: every wrapped sentence in Arabic or Hebrew, and every one that begins with a name.
# What is printed are columns without ink at the right of each line, beyond those of a whole line;
# "far" is more than half of the label. Needs a font with Hebrew letters, such as DejaVu Sans.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet PySide6-Essentials==6.11.3 2>/dev/null

cat >program.py <<'PY'
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

app = QApplication([])
app.setStyle("Fusion")
app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
WORDS = "\u05e9\u05e9\u05e9 \u05e9\u05e9\u05e9"


def gaps(text: str, *, wide: bool, selectable: bool = False) -> list[str]:
    label = QLabel(text)
    label.setWordWrap(True)
    if selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    metrics = label.fontMetrics()
    space = metrics.horizontalAdvance(" ")
    width = metrics.horizontalAdvance(WORDS) + 2 * space
    label.resize(width * (4 if wide else 1), 100)
    image = label.grab().toImage()
    ground = image.pixelColor(0, 0)
    rows, columns = range(image.height()), range(image.width())
    ends = [max((x for x in columns if image.pixelColor(x, y) != ground), default=-1) for y in rows]
    lines, last = [], -1
    for end in (*ends, -1):
        if end < 0 <= last:
            lines.append(last)
            last = -1
        else:
            last = max(last, end)
    told = []
    for end in lines:
        gap = image.width() - 1 - end
        told.append("far" if gap > image.width() / 2 else "a space" if gap >= space else "none")
    return told


print("Latin, one line:", *gaps("Todoist", wide=True))
print("Hebrew, one line:", *gaps(WORDS, wide=True))
print("Hebrew, three lines:", ", ".join(gaps(" ".join([WORDS] * 3), wide=False)))
print("selectable:", ", ".join(gaps(" ".join([WORDS] * 3), wide=False, selectable=True)))
PY
seen=$(QT_QPA_PLATFORM=offscreen venv/bin/python program.py)
expected="Latin, one line: far
Hebrew, one line: none
Hebrew, three lines: a space, a space, none
selectable: none, none, none"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "This has changed; expected was:"; echo "$expected"; exit 1; }
