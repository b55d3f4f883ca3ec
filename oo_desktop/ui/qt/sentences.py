"""Sentences in a window: labels that wrap, whose window grows with them and whose news is said."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QWidget


def wrapped(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def fit(window: QWidget) -> None:
    """Make it as tall as its text needs, which Qt does by itself for text of one width only, and
    never beyond two thirds of the screen."""
    layout = window.layout()
    needed = layout.heightForWidth(window.width()) if layout is not None else 0
    if window.height() < needed:
        window.resize(window.width(), needed)


def announce(label: QLabel) -> None:
    """Let a screen reader say what `label` says now."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(label, label.text()))
