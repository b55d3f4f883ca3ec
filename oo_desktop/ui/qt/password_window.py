"""Asks for a server, a user name and an app password, and signs in with them.

What is wrong is said below the field it concerns, and what was typed stays. While the server is
asked, that can be stopped. Some servers are signed in to with the browser: those are only named.
"""

import re
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import urlsplit

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from oo_desktop.commands.commands import (
    Asker,
    CancelSignIn,
    Command,
    Connect,
    Execute,
    KnownUser,
    OpenUrl,
)
from oo_desktop.errors import OoError
from oo_desktop.http.passwords import (
    MAX_PASSWORD,
    MAX_SERVER,
    MAX_USER_NAME,
    Credentials,
    CredentialsError,
    CredentialsField,
)
from oo_desktop.language import translated, untranslated
from oo_desktop.model.state import Preset, Service
from oo_desktop.model.text import elided, plain_text
from oo_desktop.ui.qt.dialogs import LINK_ON_DARK, announce, fit, wrapped
from oo_desktop.ui.qt.icons import app_icon, is_dark, row_icon
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.text import whole_line

WIDTH = 460
MAX_SHOWN = 60
"""Characters of a server or a user name that is only shown."""

_ADDRESS = re.compile(r"https://([a-z0-9.-]+(?:/[a-z0-9._/-]*[a-z0-9/])?)", re.IGNORECASE)
"""In a hint, which ends a sentence with a full stop. What is shown of it is what follows //."""

OTHER = Preset(id="", name=untranslated("Other"))
"""Any server."""


class PasswordWindow(QDialog):
    """Asks for a server, a user name and a password; closes once the account is connected.

    known: the account whose password is asked for again, and nothing else.
    """

    def __init__(
        self, service: Service, *, known: KnownUser | None = None, execute: Execute
    ) -> None:
        super().__init__()
        self._service = service
        self._known = known
        self._execute = execute
        self._busy = False
        self._over = False
        self._presets = service.presets or (OTHER,)
        name = elided(plain_text(translated(service.name)), MAX_SHOWN)
        self.setWindowTitle(
            translated("Reconnect {service}", service=name)
            if known
            else translated("Connect {service}", service=name)
        )
        self.setWindowIcon(app_icon())
        self._form = QGridLayout()
        self._form.setColumnStretch(1, 1)
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(4)
        self.services = QComboBox()
        self.hint = _Hint(lambda url: execute(OpenUrl(url)))
        self.status = _Said()
        self.server = _Field(translated("Server"), longest=MAX_SERVER)
        self.user_name = _Field(translated("User name"), longest=MAX_USER_NAME)
        self.password = _Field(translated("Password"), longest=MAX_PASSWORD, secret=True)
        if known is None:
            self._lay_out_all()
        else:
            self._lay_out_known(known)
        self._fields: Mapping[CredentialsField, _Field] = {
            CredentialsField.SERVER: self.server,
            CredentialsField.USER_NAME: self.user_name,
            CredentialsField.PASSWORD: self.password,
        }
        for field in self._fields.values():
            field.edit.textEdited.connect(lambda _text: self.status.say(""))
        self.progress = _endless()
        buttons = QDialogButtonBox()
        self.connect_button = buttons.addButton(
            translated("C&onnect"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.connect_button.setDefault(True)
        self.browser_button = buttons.addButton(
            translated("Sign in with the &browser"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self.browser_button.setAutoDefault(False)
        self.browser_button.clicked.connect(self.sign_in_with_browser)
        self.cancel_button = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.setText(translated("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self._stop_or_close)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.addWidget(wrapped(self._explanation()))
        layout.addLayout(self._form)
        layout.addWidget(self.status)
        layout.addWidget(self.progress)
        layout.addStretch()
        layout.addWidget(buttons)
        self.setMinimumWidth(WIDTH)
        self._chosen()
        (self.password.edit if known else self.services).setFocus()

    # What it is made of

    def _explanation(self) -> str:
        if self._known is not None:
            return translated(
                "The server no longer accepts the password that oO has. Make a new app password "
                "there and paste it here, or type your own where the server takes that. It is kept "
                "in your keyring and nowhere else."
            )
        return translated(
            "Most services want an app password here: one for a single program, which you make in "
            "their security settings. It is kept in your keyring and nowhere else."
        )

    def _lay_out_all(self) -> None:
        for preset in self._presets:
            self.services.addItem(elided(plain_text(translated(preset.name)), MAX_SHOWN))
        self.services.setAccessibleName(translated("Service"))
        self.services.currentIndexChanged.connect(self._chosen)
        self._add_row(translated("Ser&vice:"), self.services)
        self._form.addWidget(self.hint, self._form.rowCount(), 1)
        self._add_field(translated("&Server:"), self.server)
        self._add_field(translated("&User name:"), self.user_name)
        self._add_field(translated("&Password:"), self.password)

    def _lay_out_known(self, known: KnownUser) -> None:
        server, user_name = urlsplit(known.server).netloc, known.user_name
        told = ((translated("Server:"), server), (translated("User name:"), user_name))
        for name, value in told:
            self._add_row(name, wrapped(elided(plain_text(value), MAX_SHOWN)))
        self._add_field(translated("&Password:"), self.password)
        whose = translated("Password of {user} at {server}", user=user_name, server=server)
        self.password.edit.setAccessibleName(elided(plain_text(whose), 2 * MAX_SHOWN))

    def _add_row(self, name: str, widget: QWidget) -> None:
        label = QLabel(name)
        label.setBuddy(widget)
        row = self._form.rowCount()
        self._form.addWidget(label, row, 0)
        self._form.addWidget(widget, row, 1)

    def _add_field(self, name: str, field: "_Field") -> None:
        self._form.setRowMinimumHeight(self._form.rowCount(), 4)
        self._add_row(name, field.edit)
        self._form.addWidget(field.problem, self._form.rowCount(), 1)

    @property
    def _preset(self) -> Preset:
        return OTHER if self._known else self._presets[self.services.currentIndex()]

    def _chosen(self) -> None:
        """Show what the chosen service needs: a server of its own, or a hint."""
        preset = self._preset
        self.hint.show_hint(translated(preset.hint))
        self.server.show_fixed(urlsplit(preset.server).netloc)
        self.server.edit.setPlaceholderText(
            translated("{address}, or your e-mail address", address="cloud.example.com")
        )
        for field in self._fields.values():
            field.be_right()
        self.status.say("")
        name = self._service.browser
        browser = self._known.browser if self._known else name and preset.name == name
        self.browser_button.setVisible(bool(browser))
        self._fit_closely()

    # Its life

    def accept(self) -> None:
        """Ask the server with what was typed; closes once the account is connected."""
        if self._busy:
            return
        user_name, password = self.user_name.text, self.password.text
        server = self._preset.server or self.server.text
        if self._known is None and not server and "@" not in user_name:
            self._refuse(
                translated(
                    "The address of the server is needed, or an e-mail address as the user name."
                ),
                CredentialsField.SERVER,
            )
        elif self._known is None and not user_name:
            self._refuse(translated("A user name is needed."), CredentialsField.USER_NAME)
        elif not password:
            self._refuse(translated("A password is needed."), CredentialsField.PASSWORD)
        else:
            given = Credentials(server=server, user_name=user_name, password=password)
            user = self._known.key if self._known else None
            self._begin(
                Connect(self._service.id, user, token=given.secret),
                translated("Asking the server…"),
            )

    def sign_in_with_browser(self) -> None:
        """Sign in at the server with the browser; closes once that has a page to open."""
        server = self._known.server if self._known else self.server.text
        if not server:
            self._refuse(
                translated("The address of the server is needed."), CredentialsField.SERVER
            )
            return
        user = self._known.key if self._known else None
        self._begin(
            Connect(self._service.id, user, server=server), translated("Asking the server…")
        )

    def reject(self) -> None:
        self._stop()
        super().reject()

    def done(self, result: int) -> None:
        self._over = True
        self.password.edit.clear()
        super().done(result)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        super().showEvent(event)
        self._fit_closely()

    def _fit_closely(self) -> None:
        """As small as it gets: what is said of one service is longer than of another."""
        if self.isVisible():
            self.resize(self.width(), 0)
            fit(self)

    def _stop_or_close(self) -> None:
        if self._busy:
            self._stop()  # `_failed` hears of it, and the form is as it was
        else:
            self.reject()

    def _stop(self) -> None:
        if self._busy:
            self._execute(CancelSignIn(self._service.id))

    # What becomes of it

    def _begin(self, command: Command, words: str) -> None:
        for field in self._fields.values():
            field.be_right()
        self._be_busy(True)
        self._note(words)
        self._execute(command, _Answered(self._connected, self._failed, self._note))

    def _note(self, words: str) -> None:
        """Say what is waited for."""
        if self._busy and not self._over:
            self.status.say(words, wrong=False)
            fit(self)
            announce(self.status.label)

    def _connected(self) -> None:
        if not self._over:
            self._busy = False
            super().accept()

    def _failed(self, error: OoError) -> None:
        if self._over:
            return
        self._be_busy(False)
        self._refuse(str(error), error.field if isinstance(error, CredentialsError) else None)

    def _refuse(self, problem: str, field: CredentialsField | None) -> None:
        """Say what is wrong where it is wrong, and lead there."""
        self.status.say("")
        wrong = self._fields[field] if field is not None else None
        if wrong is None or wrong.edit.parentWidget() is None:  # it is of an account: not asked for
            self.status.say(problem)
            announce(self.status.label)
            self.password.edit.setFocus()
        else:
            wrong.refuse(problem)
            if wrong.edit.isReadOnly():  # a preset's server
                self.services.setFocus()
        fit(self)

    def _be_busy(self, busy: bool) -> None:
        self._busy = busy
        for widget in (
            self.services,
            *(field.edit for field in self._fields.values()),
            self.connect_button,
            self.browser_button,
        ):
            widget.setEnabled(not busy)
        self.progress.setVisible(busy)
        self.cancel_button.setText(translated("Stop") if busy else translated("Cancel"))
        if busy:
            self.cancel_button.setFocus()


class ServerWindow(QDialog):
    """Asks for the address of a server, and signs in there with the browser; closes once there is
    a page to open."""

    def __init__(self, service: Service, *, execute: Execute) -> None:
        super().__init__()
        self._service = service
        self._execute = execute
        self._busy = False
        self._over = False
        name = elided(plain_text(translated(service.browser)), MAX_SHOWN)
        self.setWindowTitle(translated("Connect {service}", service=name))
        self.setWindowIcon(app_icon())
        self.server = _Field(
            translated("Address of your {server}", server=name), longest=MAX_SERVER
        )
        self.server.edit.setPlaceholderText("cloud.example.com")
        # Translators: {server} is what a kind of server is called, such as Nextcloud
        label = QLabel(translated("&Address of your {server}:", server=name))
        label.setBuddy(self.server.edit)
        self.progress = _endless()
        buttons = QDialogButtonBox()
        self.connect_button = buttons.addButton(
            translated("Continue in the &browser"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.connect_button.setDefault(True)
        self.cancel_button = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.setText(translated("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.addWidget(
            wrapped(
                translated(
                    "Your browser opens your {server}, where you agree. It makes a password for oO "
                    "alone, which is kept in your keyring and nowhere else.",
                    server=name,
                )
            )
        )
        asked = QVBoxLayout()
        asked.setSpacing(4)
        for widget in (label, self.server.edit, self.server.problem):
            asked.addWidget(widget)
        layout.addLayout(asked)
        layout.addWidget(self.progress)
        layout.addStretch()
        layout.addWidget(buttons)
        self.setMinimumWidth(WIDTH)
        self.server.edit.setFocus()

    def accept(self) -> None:
        """Ask the server for a page to open."""
        if self._busy:
            return
        if not self.server.text:
            self._refuse(translated("An address is needed."))
            return
        self.server.be_right()
        self._be_busy(True)
        command = Connect(self._service.id, server=self.server.text)
        self._execute(command, _Answered(self._connected, self._failed))

    def reject(self) -> None:
        if self._busy:
            self._execute(CancelSignIn(self._service.id))
        super().reject()

    def done(self, result: int) -> None:
        self._over = True
        super().done(result)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        super().showEvent(event)
        self.resize(self.width(), 0)
        fit(self)

    def _connected(self) -> None:
        if not self._over:
            self._busy = False
            super().accept()

    def _failed(self, error: OoError) -> None:
        if not self._over:
            self._be_busy(False)
            self._refuse(str(error))

    def _refuse(self, problem: str) -> None:
        self.server.refuse(problem)
        fit(self)

    def _be_busy(self, busy: bool) -> None:
        self._busy = busy
        self.server.edit.setEnabled(not busy)
        self.connect_button.setEnabled(not busy)
        self.progress.setVisible(busy)
        if busy:
            self.cancel_button.setFocus()


class _Answered(Asker):
    """Hears of a window's command: the end of it, or that it goes on in the browser."""

    def __init__(
        self,
        connected: Callable[[], object],
        failed: Callable[[OoError], object],
        note: Callable[[str], object] = lambda _words: None,
    ) -> None:
        self._connected = connected
        self._failed = failed
        self._note = note
        self._gone = False

    @property
    def gone(self) -> bool:
        return self._gone

    def progress(self, said: Mapping[str, object]) -> None:
        if said.get("url"):
            self._gone = True  # whatever comes of it is told by the screen
            self._connected()
        elif note := said.get("note"):
            self._note(str(note))  # the keyring makes it wait

    def answered(self, _command: Command, _result: object) -> None:
        self._connected()

    def failed(self, error: OoError) -> None:
        self._failed(error)


class _Hint(QLabel):
    """A preset's hint, whose addresses can be reached with Tab and opened with Return."""

    def __init__(self, open_url: Callable[[str], object]) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.linkActivated.connect(open_url)

    def show_hint(self, hint: str) -> None:
        color = f' style="color: {LINK_ON_DARK}"' if is_dark() else ""
        link = rf'<a href="\g<0>"{color}>\g<1></a>'
        self.setText(_ADDRESS.sub(link, escape(whole_line(hint))))
        links = (
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        none = Qt.TextInteractionFlag.NoTextInteraction
        self.setTextInteractionFlags(links if _ADDRESS.search(hint) else none)
        self.setAccessibleName(hint)  # of a label with links, a screen reader is told the name
        self.setVisible(bool(hint))


class _Said(QWidget):
    """A sentence with a picture before it where something is wrong; takes no room without one."""

    def __init__(self) -> None:
        super().__init__()
        self.label = wrapped("")
        self._sign = QLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.label, 1)
        self.hide()

    def say(self, words: str, *, wrong: bool = True) -> None:
        self.label.setText(words)
        picture = row_icon(RowIcon.ATTENTION).pixmap(QSize(16, 16), self.devicePixelRatioF())
        self._sign.setPixmap(picture)
        self._sign.setVisible(wrong)
        self.setVisible(bool(words))


class _Field:
    """A field, and below it what is wrong with it."""

    def __init__(self, name: str, *, longest: int, secret: bool = False) -> None:
        self.edit = QLineEdit()
        self.edit.setMaxLength(longest)
        self.edit.setAccessibleName(name)
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.problem = _Said()
        self.edit.textEdited.connect(self.be_right)
        self._typed: str | None = None

    @property
    def text(self) -> str:
        return self.edit.text().strip()

    def show_fixed(self, text: str) -> None:
        """Show `text`, which cannot be changed; empty: what was typed, which can."""
        if self._typed is None and text:
            self._typed = self.edit.text()
        if text:
            self.edit.setText(text)
        elif self._typed is not None:
            self.edit.setText(self._typed)
            self._typed = None
        self.edit.setReadOnly(bool(text))
        self.edit.setFocusPolicy(Qt.FocusPolicy.NoFocus if text else Qt.FocusPolicy.StrongFocus)
        palette = QPalette(QApplication.palette(self.edit))
        if text:
            palette.setBrush(QPalette.ColorRole.Base, palette.window())
        self.edit.setPalette(palette)

    def be_right(self) -> None:
        """Say no longer what is wrong."""
        self.problem.say("")
        self.edit.setAccessibleDescription("")

    def refuse(self, problem: str) -> None:
        """Say what is wrong, and let it be typed anew."""
        self.problem.say(problem)
        self.edit.setAccessibleDescription(problem)
        announce(self.problem.label)
        if not self.edit.isReadOnly():
            self.edit.setFocus()
            self.edit.selectAll()


def _endless() -> QProgressBar:
    """A bar that moves for as long as it is shown."""
    bar = QProgressBar()
    bar.setRange(0, 0)
    bar.setTextVisible(False)
    bar.setMaximumHeight(6)
    bar.setAccessibleName(translated("Asking the server"))
    bar.hide()
    return bar
