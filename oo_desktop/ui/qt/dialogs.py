"""Asks the questions oO has, in windows of their own, opened without waiting: never `exec()`.

What a window says wraps, the window grows with it, and a screen reader says what is new.
"""

from collections.abc import Callable

from PySide6.QtCore import QMargins, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from oo_desktop.commands.commands import Answering, Asker
from oo_desktop.language import plural, translated
from oo_desktop.ui.qt.icons import app_icon
from oo_desktop.ui.view.text import whole_line

MAX_TOKEN = 1024
"""Characters. The Windows keyring holds 1,280; tokens have some 40."""

MAX_PASTED_LINK = 1024
"""Characters; Outlook's have some 200."""


LINK_ON_DARK = "#8ab4f8"
"""Some themes' own has a contrast of 3 only."""


class SecretDialog(QDialog):
    """Asks for a secret, and closes once it is accepted; what is wrong with it is said in place.

    name: what the secret is, for the field and for screen readers.
    accept_secret: is called with it, trimmed, if there is one, and with who hears what is wrong
        with it; once the window is closed, that is left to others.
    """

    def __init__(
        self,
        *,
        title: str,
        text: str,
        name: str,
        longest: int,
        accept_secret: Callable[[str, Asker], object],
    ) -> None:
        super().__init__()
        self._accept_secret = accept_secret
        self._over = False
        self.setWindowTitle(title)
        self.setWindowIcon(app_icon())
        explanation = wrapped(text)
        self.status = wrapped("")
        self.status.hide()
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setMaxLength(longest)
        self.field.setAccessibleName(name)
        self.field.setPlaceholderText(name)
        self.field.textChanged.connect(self._changed)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.connect_button = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.connect_button.setText(translated("Connect"))
        self.connect_button.setEnabled(False)
        self.cancel_button = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self.cancel_button.setText(translated("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.setContentsMargins(18, 18, 18, 14)
        for widget in (explanation, self.field, self.status, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(420)
        self.field.setFocus()

    def accept(self) -> None:
        secret = self.field.text().strip()
        if not secret:
            return
        self._be_busy(True)
        self._say(translated("Connecting…"))
        self._accept_secret(secret, Answering(self._answered, lambda: self._over))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        super().showEvent(event)
        self.resize(self.width(), 0)
        fit(self)

    def done(self, result: int) -> None:
        self._over = True
        self.field.clear()
        super().done(result)

    def _answered(self, problem: str | None) -> None:
        if problem is None:
            super().accept()
            return
        self._be_busy(False)
        self._say(problem)
        self.field.setFocus()
        self.field.selectAll()

    def _changed(self, text: str) -> None:
        self.connect_button.setEnabled(bool(text.strip()))

    def _be_busy(self, busy: bool) -> None:
        self.field.setEnabled(not busy)
        self.connect_button.setEnabled(not busy)
        # Once the service is asked, the window may go, but the question cannot be taken back.
        self.cancel_button.setText(translated("Close") if busy else translated("Cancel"))

    def _say(self, words: str) -> None:
        """Show a sentence in place, and let a screen reader say it."""
        self.status.setText(words)
        self.status.show()
        fit(self)
        announce(self.status)


def token_dialog(service: str, accept_token: Callable[[str, Asker], object]) -> SecretDialog:
    """Return a dialog that asks for an API token of `service`."""
    return SecretDialog(
        title=translated("Connect {service} with an API token", service=service),
        text=translated(
            "In {service}, open Settings → Integrations → Developer, copy your API token and paste "
            "it here. It is kept in your keyring and nowhere else.",
            service=service,
        ),
        name=translated("API token"),
        longest=MAX_TOKEN,
        accept_secret=accept_token,
    )


def link_dialog(
    accept_link: Callable[[str, Asker], object], *, where: str, label: str = ""
) -> SecretDialog:
    """Return a dialog that asks for a secret link.

    where: sentences on where such a link is found.
    label: the calendar whose link is no longer valid, where it is asked for its current one.
    """
    sentences = (
        translated("Paste the secret address of a calendar in iCal format."),
        translated(where),
        translated(
            "Whoever knows it can read the calendar, so it is kept in your keyring and nowhere "
            "else."
        ),
    )
    title = translated("Add a calendar link")
    if label:
        title = translated("The current link of {account}", account=label)
    return SecretDialog(
        title=title,
        text=" ".join(filter(None, sentences)),
        name=translated("Calendar link"),
        longest=MAX_PASTED_LINK,
        accept_secret=accept_link,
    )


def disconnect_dialog(account: str, waiting: int, confirm: Callable[[], object]) -> QMessageBox:
    """Return a question before an account is forgotten, which says what would be lost with it.

    account: the service as well, for one address may have accounts of several.
    """
    box = QMessageBox()
    box.setWindowTitle(translated("Disconnect"))
    box.setWindowIcon(app_icon())
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(translated("Disconnect {account}?", account=account))
    text = translated("oO forgets this account and its list. Nothing is deleted at the service.")
    if waiting:
        lost = plural(
            "{count} click has not reached the service yet and is dropped.",
            "{count} clicks have not reached the service yet and are dropped.",
            waiting,
        )
        text = f"{text} {lost}"
    box.setInformativeText(text)
    yes = box.addButton(translated("&Disconnect"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    cancel.setText(translated("Cancel"))
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    yes.clicked.connect(confirm)
    return box


# What any window says


class Label(QLabel):
    """Shows text that is plain, unless it is made rich, and breaks its lines.

    Qt aligns a label by the first letter in it; here all begin where the language's lines do.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        if QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            # Qt 6.11.3 puts every line but the last one space too far left, and may cut what ends
            # there, but for text that can be selected (findings/lines-from-the-right.sh).
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802  # Qt's name
        if self.textFormat() is Qt.TextFormat.PlainText:
            text = "\n".join(map(whole_line, text.split("\n")))
        super().setText(text)


def wrapped(text: str) -> QLabel:
    """Return a label of plain text that breaks its lines."""
    return Label(text)


def margins(begin: int, top: int, end: int, bottom: int) -> QMargins:
    """Return margins told by where lines begin and end, which Qt does not mirror by itself."""
    if QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft:
        return QMargins(end, top, begin, bottom)
    return QMargins(begin, top, end, bottom)


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
