"""The questions oO has to ask. Windows of their own, opened without waiting: never `exec()`."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
)

from oo_desktop.ui.icons import app_icon
from oo_desktop.ui.text import counted

LONGEST_TOKEN = 1024
"""Characters. The Windows keyring holds 1,280; Todoist's tokens have 40."""


class TokenDialog(QDialog):
    """Asks for a personal API token. `accept_token` is called with it, trimmed, if there is one."""

    def __init__(self, service: str, accept_token: Callable[[str], object]) -> None:
        super().__init__()
        self._accept_token = accept_token
        self.setWindowTitle(f"Connect {service} with an API token")
        self.setWindowIcon(app_icon())
        explanation = QLabel(
            f"In {service}, open Settings → Integrations → Developer, copy your API token and "
            "paste it here. It is kept in your keyring and nowhere else."
        )
        explanation.setTextFormat(Qt.TextFormat.PlainText)
        explanation.setWordWrap(True)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setMaxLength(LONGEST_TOKEN)
        self.field.setAccessibleName("API token")
        self.field.setPlaceholderText("API token")
        self.field.textChanged.connect(self._changed)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.connect_button = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.connect_button.setText("Connect")
        self.connect_button.setEnabled(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.setContentsMargins(18, 18, 18, 14)
        for widget in (explanation, self.field, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(420)
        self.field.setFocus()

    def accept(self) -> None:
        token = self.field.text().strip()
        if not token:
            return
        self.field.clear()
        super().accept()
        self._accept_token(token)

    def _changed(self, text: str) -> None:
        self.connect_button.setEnabled(bool(text.strip()))


def token_dialog(service: str, accept_token: Callable[[str], object]) -> QDialog:
    return TokenDialog(service, accept_token)


def disconnect_dialog(label: str, pending: int, confirm: Callable[[], object]) -> QMessageBox:
    """Asks before an account is forgotten, and says what would be lost with it."""
    box = QMessageBox()
    box.setWindowTitle("Disconnect")
    box.setWindowIcon(app_icon())
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"Disconnect {label}?")
    lost = (
        f" {counted(pending, 'click has', 'clicks have')} not reached the service yet and "
        f"{'is' if pending == 1 else 'are'} dropped."
        if pending
        else ""
    )
    box.setInformativeText(
        f"oO forgets this account and its list. Nothing is deleted at the service.{lost}"
    )
    yes = box.addButton("Disconnect", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    yes.clicked.connect(confirm)
    return box
