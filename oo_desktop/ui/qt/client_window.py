"""Explains how to make a client of one's own, in a window that takes its file.

What it says of the service is its connector's: a `ClientHelp`.

An ordinary window that stands beside the browser for the few minutes this takes: nothing is modal,
and a wrong file costs nothing but a sentence. What the file holds stays here until the user
continues, and nothing but a small file is ever read, whatever is dropped.
"""

import os
import re
import stat
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, QStandardPaths, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
)

from oo_desktop.commands.commands import Answering, CheckClient, Execute, OpenUrl, UseClient
from oo_desktop.errors import OoError
from oo_desktop.language import translated
from oo_desktop.model.signals import ProviderId
from oo_desktop.model.state import MAX_CLIENT_FILE, ClientHelp
from oo_desktop.model.text import elided, plain_text
from oo_desktop.ui.qt.dialogs import LINK_ON_DARK, announce, fit, wrapped
from oo_desktop.ui.qt.icons import app_icon, is_dark, row_icon
from oo_desktop.ui.view.icon import RowIcon

_TAG = re.compile("<[^>]*>")

MAX_FILE_NAME = 60

WIDTH = 520


class DropArea(QFrame):
    """Shows where a file can be dropped, or chosen; the window takes it, wherever it is dropped."""

    def __init__(self, choose: Callable[[], object], *, file_name: str) -> None:
        super().__init__()
        self.setObjectName("drop")
        # Translators: stands before a button, “Choose file…”
        words = QLabel(translated("Drop {file} here, or", file=file_name))
        self.button = QPushButton(translated("Choose &file…"))
        self.button.setAccessibleDescription(
            translated("The client’s file, {file}", file=file_name)
        )
        self.button.setAutoDefault(False)
        self.button.clicked.connect(choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 20, 16, 20)
        layout.addStretch()
        layout.addWidget(words)
        layout.addWidget(self.button)
        layout.addStretch()
        self.light(on=False)

    def light(self, *, on: bool) -> None:
        """Show whether a file is held over the window."""
        line = "2px solid palette(highlight)" if on else "2px dashed palette(placeholder-text)"
        self.setStyleSheet(f"#drop {{ border: {line}; border-radius: 8px; }}")


class ClientWindow(QDialog):
    """Explains, takes a file, and closes once the client in it is kept.

    provider: whose client it is.
    help: what to explain.
    execute: judges and keeps it, and opens the service's pages.
    """

    def __init__(
        self,
        provider: ProviderId,
        *,
        help: ClientHelp,  # noqa: A002  # as everywhere in oO
        execute: Execute,
    ) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._provider = provider
        self._help = help
        self._execute = execute
        self._text: str | None = None
        self._over = False
        self.setWindowTitle(translated("Connect {service}", service=translated(help.service)))
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.steps = _steps(
            [translated(step) for step in help.steps], lambda url: execute(OpenUrl(url))
        )
        self.drop_area = DropArea(self.choose, file_name=help.file_name)
        self._sign = QLabel()
        self.status = wrapped("")
        self._build()
        self._say(translated("No file yet."))

    def _build(self) -> None:
        why = wrapped(translated(self._help.why))
        warning = wrapped(translated(self._help.warning))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setText(translated("Cancel"))
        cancel.setAutoDefault(False)  # else Return would mean it while there is no file
        self.continue_button = buttons.addButton(
            translated("Continue in the &browser"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.continue_button.setEnabled(False)
        self.continue_button.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        told = QHBoxLayout()
        told.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        told.addWidget(self.status, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.setContentsMargins(18, 18, 18, 14)
        for widget in (why, self.steps, self.drop_area):
            layout.addWidget(widget)
        layout.addLayout(told)
        layout.addWidget(warning)
        layout.addStretch()
        layout.addWidget(buttons)
        self.setMinimumWidth(WIDTH)
        self.resize(WIDTH, 0)
        self.drop_area.button.setFocus()

    # Its life

    def open(self) -> None:
        """Show it beside everything else, and stop nothing."""
        self.show()

    def accept(self) -> None:
        """Keep the file and sign in; closes once it is kept."""
        if self._text is None or not self.continue_button.isEnabled():
            return
        self._be_busy(True)
        self._say(translated("Putting the client’s secret in your keyring…"))
        self._execute(
            UseClient(self._provider, self._text), Answering(self._answered, lambda: self._over)
        )

    def done(self, result: int) -> None:
        self._over = True
        self._text = None
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        self._over = True
        self._text = None
        super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        super().showEvent(event)
        fit(self)

    def _answered(self, problem: str | None) -> None:
        if problem is None:
            super().accept()
            return
        self._be_busy(False)
        self._say(problem, wrong=True)

    # The file

    def choose(self) -> None:
        """Ask for the file. The dialog is the desktop's own, and stops nothing either."""
        dialog = QFileDialog(self, translated("Choose the client’s file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([translated("Client files (*.json)"), translated("All files (*)")])
        dialog.setDirectory(
            QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        )
        dialog.fileSelected.connect(lambda name: self.take(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take(self, path: Path) -> None:
        """Read a file and say what it is. A wrong one leaves a right one before it in place."""
        try:
            text = read_client_file(path, file_name=self._help.file_name)
        except FileRefused as error:
            self._refuse(str(error))
            return
        name = elided(plain_text(path.name), MAX_FILE_NAME)
        self._execute(
            CheckClient(self._provider, text), Answering(partial(self._checked, text, name))
        )

    def _checked(self, text: str, name: str, problem: str | None) -> None:
        if problem is not None:
            self._refuse(problem)
            return
        self._text = text
        self.continue_button.setEnabled(True)
        self.continue_button.setFocus()
        self._say(translated("{file} is the file of a client. Continue to sign in.", file=name))

    def _refuse(self, problem: str) -> None:
        if self._text is not None:
            kept = translated("The file from before is still here.")
            problem = f"{problem} {kept}"
        self._say(problem, wrong=True)

    def _be_busy(self, busy: bool) -> None:
        self.continue_button.setEnabled(not busy)
        self.drop_area.button.setEnabled(not busy)
        self.setAcceptDrops(not busy)

    def _say(self, words: str, *, wrong: bool = False) -> None:
        """Show a sentence in place, and let a screen reader say it."""
        self.status.setText(words)
        picture = row_icon(RowIcon.ATTENTION).pixmap(QSize(16, 16), self.devicePixelRatioF())
        self._sign.setPixmap(picture)
        self._sign.setVisible(wrong)
        if self.isVisible():
            fit(self)
            announce(self.status)

    # Dropping it

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  # Qt's name
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            self.drop_area.light(on=True)
            _accept_copy(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802  # Qt's name
        _accept_copy(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802  # Qt's name
        self.drop_area.light(on=False)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  # Qt's name
        self.drop_area.light(on=False)
        _accept_copy(event)
        self.activateWindow()
        try:
            path = dropped_file(event.mimeData(), file_name=self._help.file_name)
        except FileRefused as error:
            self._refuse(str(error))
        else:
            self.take(path)


def _accept_copy(event: QDropEvent) -> None:
    """Never a move: whoever offers one would delete the file, or take it for moved."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


def dropped_file(mime: QMimeData, *, file_name: str) -> Path:
    """Return the one local file that was dropped; `file_name` is what the service calls it.

    Raises FileRefused for all else.
    """
    urls = mime.urls()
    if len(urls) > 1:
        raise FileRefused(
            translated("These are several files. Drop the one called {file}.", file=file_name)
        )
    if not urls:
        raise FileRefused(translated("This is text. Drop the file itself, {file}.", file=file_name))
    url = urls[0]
    if not url.isLocalFile() or url.host() not in {"", "localhost"}:
        raise FileRefused(
            translated("This is not a file on this computer. Download it first, then drop it here.")
        )
    return Path(url.toLocalFile())


class FileRefused(OoError):
    """Says why a file cannot be taken."""


def read_client_file(path: Path, *, file_name: str) -> str:
    """Return what the file holds; `file_name` is what the service calls it.

    Raises FileRefused for what is no small file that can be read. A pipe or a device with that name
    is opened without waiting for its other end, and not read.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise FileRefused(
                    translated("This is not a file. Choose {file} itself.", file=file_name)
                )
            data = file.read(MAX_CLIENT_FILE + 1)
    except IsADirectoryError:
        raise FileRefused(
            translated("This is a folder. Choose {file} itself.", file=file_name)
        ) from None
    except (OSError, ValueError) as error:
        why = (
            error.strerror if isinstance(error, OSError) else translated("no file has such a name")
        )
        raise FileRefused(translated("oO cannot read this file: {reason}.", reason=why)) from None
    if len(data) > MAX_CLIENT_FILE:
        raise FileRefused(translated("This file is too large to be a client’s file."))
    return data.decode("utf-8", errors="replace")


def _without_waiting(path: str, flags: int) -> int:
    """Windows has no such flag, and no such files either."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _steps(steps: Sequence[str], open_url: Callable[[str], object]) -> QLabel:
    """The numbered steps; their links can be reached with Tab and opened with Return."""
    items = "".join(f'<li style="margin-bottom: 5px">{step}</li>' for step in steps)
    label = wrapped("")
    label.setTextFormat(Qt.TextFormat.RichText)
    style = f"<style>a {{ color: {LINK_ON_DARK} }}</style>" if is_dark() else ""
    # Nearer to the edge at which lines begin than Qt's indent of 40 pixels.
    if QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft:
        begin = '<ol dir="rtl" style="margin: 0 -18px 0 0">'
    else:
        begin = '<ol style="margin: 0 0 0 -18px">'
    label.setText(f"{style}{begin}{items}</ol>")
    # A screen reader is told the name of a label, and nothing else of it.
    spoken = (f"{n}. {_TAG.sub('', step)}" for n, step in enumerate(steps, start=1))
    label.setAccessibleName(" ".join(spoken))
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.LinksAccessibleByMouse
        | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
    )
    label.linkActivated.connect(open_url)
    return label
