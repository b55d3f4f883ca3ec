"""The windows that ask for a server, a user name and a password, or for a server alone."""

import gettext

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from oo_desktop import language
from oo_desktop.commands.commands import (
    Asker,
    CancelSignIn,
    Command,
    Connect,
    KnownUser,
    OpenUrl,
)
from oo_desktop.errors import SignInError
from oo_desktop.http.passwords import (
    MAX_PASSWORD,
    Credentials,
    CredentialsError,
    CredentialsField,
    credentials_from_text,
)
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import Connecting, Preset, Service
from oo_desktop.ui.qt.password_window import PasswordWindow, ServerWindow, _Hint

# What the offscreen platform says of every window that may not be made too small.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

DAV = Service(
    id=ProviderId("caldav"),
    name="CalDAV",
    connecting=Connecting.PASSWORD,
    presets=(
        Preset(
            id="jobs",
            name="Jobs & Co",
            server="https://dav.example/",
            hint="Make one at https://jobs.example/me, under “A & B”.",
        ),
        Preset(id="cloud", name="Job Cloud", hint="Each has its own."),
        Preset(id="other", name="Other server"),
    ),
    browser="Job Cloud",
)
ADA = AccountKey(DAV.id, UserId("ada@dav.example/ada/"))
KNOWN = KnownUser(ADA, "https://dav.example/ada/", "ada")
JOBS, CLOUD, OTHER = range(3)
SERVER, USER_NAME, PASSWORD = CredentialsField


class Executor:
    """Notes what is asked for; the test says what comes of it, to the asker of the last."""

    def __init__(self) -> None:
        self.said: list[Command] = []
        self.asker = Asker()

    def __call__(self, command: Command, asker: Asker | None = None, /) -> None:
        self.said.append(command)
        self.asker = asker or self.asker

    @property
    def given(self) -> Credentials:
        """What was given to connect with last."""
        command = [each for each in self.said if isinstance(each, Connect)][-1]
        return credentials_from_text(msgspec.convert(command.token, str))


@pytest.fixture
def executor() -> Executor:
    return Executor()


@pytest.fixture
def window(qtbot: QtBot, executor: Executor) -> PasswordWindow:
    window = PasswordWindow(DAV, execute=executor)
    qtbot.addWidget(window)
    window.show()
    return window


def fill(
    window: PasswordWindow, *, server: str = "dav.example", password: str = "app-pass-word"
) -> None:
    window.services.setCurrentIndex(OTHER)
    window.server.edit.setText(server)
    window.user_name.edit.setText(" ada ")
    window.password.edit.setText(password)


def test_what_was_typed_is_trimmed_and_handed_over_as_one_secret(
    window: PasswordWindow, executor: Executor
) -> None:
    fill(window, server=" dav.example ", password=" app-pass-word\t")
    window.connect_button.click()
    (command,) = executor.said
    assert executor.given == Credentials(
        server="dav.example", user_name="ada", password="app-pass-word"
    )
    assert "app-pass-word" not in repr(command)


def test_a_password_is_hidden_bounded_and_not_left_in_the_field(
    window: PasswordWindow, executor: Executor
) -> None:
    fill(window)
    assert window.password.edit.echoMode() is QLineEdit.EchoMode.Password
    assert window.password.edit.maxLength() == MAX_PASSWORD
    window.accept()
    executor.asker.answered(executor.said[0], None)
    assert not window.isVisible()
    assert window.password.edit.text() == ""


def test_a_preset_has_a_server_that_is_shown_and_a_hint(
    window: PasswordWindow, executor: Executor
) -> None:
    window.services.setCurrentIndex(JOBS)
    assert window.server.edit.text() == "dav.example"
    assert window.server.edit.isReadOnly()
    assert window.hint.accessibleName() == DAV.presets[JOBS].hint
    window.user_name.edit.setText("ada")
    window.password.edit.setText("x")
    window.accept()
    assert executor.given.server == "https://dav.example/"


def test_the_addresses_in_a_hint_open_in_the_browser(
    window: PasswordWindow, executor: Executor
) -> None:
    window.services.setCurrentIndex(JOBS)
    assert '<a href="https://jobs.example/me"' in window.hint.text()
    assert "A &amp; B" in window.hint.text()
    window.hint.linkActivated.emit("https://jobs.example/me")
    assert executor.said == [OpenUrl("https://jobs.example/me")]


@pytest.mark.usefixtures("right_to_left")
@pytest.mark.parametrize(
    "hint", ["Apple تقبل كلمة خاصة.", "https://jobs.example/me ثم اختر.", "See jobs.example."]
)
def test_from_right_to_left_a_hint_begins_there_whatever_its_first_letter(
    qtbot: QtBot, hint: str
) -> None:
    language.use_catalogue("ar", gettext.NullTranslations())
    label = _Hint(lambda _url: None)
    qtbot.addWidget(label)
    label.show_hint(hint)
    language.use_catalogue(language.ENGLISH, gettext.NullTranslations())
    label.resize(600, 40)
    image = label.grab().toImage()
    ground, rows = image.pixelColor(0, 0), range(image.height())
    inked = [x for x in range(600) if any(image.pixelColor(x, y) != ground for y in rows)]
    assert min(inked) > 300
    assert max(inked) > 580


def test_a_server_is_asked_for_in_no_more_room_than_it_takes(
    qtbot: QtBot, executor: Executor
) -> None:
    window = ServerWindow(DAV, execute=executor)
    qtbot.addWidget(window)
    window.show()
    layout = window.layout()
    assert layout is not None
    assert window.height() == layout.heightForWidth(window.width())


def test_a_typed_server_comes_back_after_a_preset_was_looked_at(window: PasswordWindow) -> None:
    fill(window)
    window.services.setCurrentIndex(JOBS)
    window.services.setCurrentIndex(CLOUD)
    assert window.server.edit.text() == "dav.example"
    assert not window.server.edit.isReadOnly()


@pytest.mark.parametrize(
    ("server", "user_name", "password", "field"),
    [
        ("", "", "", SERVER),
        ("", "ada", "x", SERVER),
        ("dav.example", " ", "x", USER_NAME),
        ("", "ada@dav.example", "", PASSWORD),
    ],
)
def test_what_is_missing_is_said_below_its_field_and_nobody_is_asked(
    window: PasswordWindow,
    executor: Executor,
    server: str,
    user_name: str,
    password: str,
    field: CredentialsField,
) -> None:
    fill(window, server=server, password=password)
    window.user_name.edit.setText(user_name)
    window.accept()
    asked = {SERVER: window.server, USER_NAME: window.user_name, PASSWORD: window.password}
    shown = [each for each in CredentialsField if asked[each].problem.isVisible()]
    assert (executor.said, shown) == ([], [field])


def test_an_e_mail_address_does_without_a_server(
    window: PasswordWindow, executor: Executor
) -> None:
    fill(window, server="")
    window.user_name.edit.setText("ada@dav.example")
    window.accept()
    assert executor.given.server == ""


@pytest.mark.parametrize("field", list(CredentialsField))
def test_what_is_wrong_is_said_below_its_field_and_what_was_typed_stays(
    window: PasswordWindow, executor: Executor, field: CredentialsField
) -> None:
    fill(window)
    window.accept()
    executor.asker.failed(CredentialsError("It is <b>wrong</b>.", field=field))
    wrong = {SERVER: window.server, USER_NAME: window.user_name, PASSWORD: window.password}[field]
    assert wrong.problem.label.text() == wrong.edit.accessibleDescription() == "It is <b>wrong</b>."
    assert wrong.problem.label.textFormat() is Qt.TextFormat.PlainText
    assert wrong.problem.isVisible()
    assert window.focusWidget() is wrong.edit
    assert not window.status.isVisible()
    assert (window.server.text, window.password.text) == ("dav.example", "app-pass-word")
    QTest.keyClicks(wrong.edit, "new")
    assert not wrong.problem.isVisible()
    assert wrong.edit.accessibleDescription() == ""
    window.accept()
    assert len(executor.said) == 2


def test_what_is_wrong_with_the_server_of_a_preset_leads_to_the_presets(
    window: PasswordWindow, executor: Executor
) -> None:
    fill(window)
    window.services.setCurrentIndex(JOBS)
    window.accept()
    executor.asker.failed(CredentialsError("It cannot be reached.", field=SERVER))
    assert window.server.problem.isVisible()
    assert window.focusWidget() is window.services


def test_what_is_wrong_with_none_of_the_fields_is_said_below_them(
    window: PasswordWindow, executor: Executor
) -> None:
    fill(window)
    window.accept()
    executor.asker.failed(SignInError("Try again later."))
    assert window.status.label.text() == "Try again later."
    assert window.status.isVisible()
    assert window.connect_button.isEnabled()


def test_asking_the_server_can_be_stopped(window: PasswordWindow, executor: Executor) -> None:
    fill(window)
    window.accept()
    assert window.progress.isVisible()
    assert not window.connect_button.isEnabled()
    assert not window.password.edit.isEnabled()
    assert window.cancel_button.text() == "Stop"
    window.cancel_button.click()
    assert executor.said[1:] == [CancelSignIn(DAV.id)]
    executor.asker.failed(SignInError("The sign-in was cancelled."))
    assert window.isVisible()
    assert not window.progress.isVisible()
    assert window.password.text == "app-pass-word"
    assert window.cancel_button.text() == "Cancel"


def test_why_the_keyring_makes_it_wait_is_said_in_place(
    window: PasswordWindow, executor: Executor
) -> None:
    fill(window)
    window.accept()
    assert window.status.label.text() == "Asking the server…"
    executor.asker.progress({"note": "Your keyring is locked."})
    assert window.status.label.text() == "Your keyring is locked."
    assert window.cancel_button.text() == "Stop"


def test_closing_the_window_stops_asking_and_an_answer_opens_nothing(
    window: PasswordWindow, executor: Executor
) -> None:
    fill(window)
    window.accept()
    window.close()
    assert executor.said[1:] == [CancelSignIn(DAV.id)]
    executor.asker.failed(SignInError("Too late."))
    assert not window.isVisible()
    assert window.password.edit.text() == ""


def test_the_window_closes_at_once_while_nobody_is_asked(
    window: PasswordWindow, executor: Executor
) -> None:
    fill(window)
    window.cancel_button.click()
    assert (executor.said, window.isVisible()) == ([], False)


def test_tab_goes_from_top_to_bottom(window: PasswordWindow) -> None:
    window.services.setCurrentIndex(CLOUD)
    window.services.setFocus()
    order = [window.services]
    for _ in range(6):
        QTest.keyClick(window, Qt.Key.Key_Tab)
        order.append(window.focusWidget())  # type: ignore[arg-type]  # whatever has it
    assert order == [
        window.services,
        window.server.edit,
        window.user_name.edit,
        window.password.edit,
        window.connect_button,
        window.browser_button,
        window.cancel_button,
    ]


def test_every_field_has_a_name_and_a_label_with_a_key(window: PasswordWindow) -> None:
    buddies = {
        label.buddy(): label.text()
        for label in window.findChildren(QLabel)
        if "&" in label.text() and label is not window.hint
    }
    named = [window.services, *(each.edit for each in (window.server, window.user_name))]
    for widget in (*named, window.password.edit):
        assert widget.accessibleName()
        assert "&" in buddies[widget]
    keys = [text[text.index("&") + 1].lower() for text in buddies.values()]
    buttons = (window.connect_button, window.browser_button)
    keys += [each.text()[each.text().index("&") + 1].lower() for each in buttons]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("preset", [JOBS, CLOUD, OTHER])
def test_all_it_says_fits_with_large_letters_as_well(
    qtbot: QtBot, executor: Executor, preset: int
) -> None:
    window = PasswordWindow(DAV, execute=executor)
    qtbot.addWidget(window)
    window.setStyleSheet("QLabel { font-size: 30px }")
    window.show()
    fill(window)
    window.services.setCurrentIndex(preset)
    window.accept()
    executor.asker.failed(CredentialsError("It is wrong for several reasons. " * 4, field=PASSWORD))
    QApplication.processEvents()
    for label in window.findChildren(QLabel):
        if label.isVisible() and label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width())


# Again


def test_on_a_reconnect_only_the_password_is_typed(qtbot: QtBot, executor: Executor) -> None:
    window = PasswordWindow(DAV, known=KNOWN, execute=executor)
    qtbot.addWidget(window)
    window.show()
    shown = [label.text() for label in window.findChildren(QLabel)]
    assert "dav.example" in shown
    assert "ada" in shown
    assert window.windowTitle() == "Reconnect CalDAV"
    assert [each for each in window.findChildren(QLineEdit) if each.isVisible()] == [
        window.password.edit
    ]
    assert window.focusWidget() is window.password.edit
    assert window.password.edit.accessibleName() == "Password of ada at dav.example"
    window.password.edit.setText("another")
    window.connect_button.click()
    (command,) = executor.said
    assert isinstance(command, Connect)
    assert command.user == ADA
    assert executor.given == Credentials(server="", user_name="", password="another")


def test_what_is_wrong_with_the_server_of_an_account_is_said_too(
    qtbot: QtBot, executor: Executor
) -> None:
    window = PasswordWindow(DAV, known=KNOWN, execute=executor)
    qtbot.addWidget(window)
    window.show()
    window.password.edit.setText("another")
    window.accept()
    executor.asker.failed(CredentialsError("It cannot be reached.", field=SERVER))
    assert window.status.label.text() == "It cannot be reached."
    assert window.focusWidget() is window.password.edit


def test_an_account_at_a_server_with_a_sign_in_page_can_be_signed_in_to_there(
    qtbot: QtBot, executor: Executor
) -> None:
    window = PasswordWindow(DAV, known=KNOWN._replace(browser=True), execute=executor)
    qtbot.addWidget(window)
    window.show()
    window.browser_button.click()
    assert executor.said == [Connect(DAV.id, ADA, server="https://dav.example/ada/")]
    executor.asker.progress({"url": "https://dav.example/login"})
    assert not window.isVisible()


def test_other_accounts_are_not_offered_the_browser(qtbot: QtBot, executor: Executor) -> None:
    window = PasswordWindow(DAV, known=KNOWN, execute=executor)
    qtbot.addWidget(window)
    window.show()
    assert not window.browser_button.isVisible()


# With the browser


def test_a_preset_with_a_sign_in_page_offers_it(window: PasswordWindow, executor: Executor) -> None:
    offered = []
    for preset in (JOBS, CLOUD, OTHER):
        window.services.setCurrentIndex(preset)
        offered.append(window.browser_button.isVisible())
    assert offered == [False, True, False]
    window.services.setCurrentIndex(CLOUD)
    window.browser_button.click()
    assert executor.said == []
    assert window.server.problem.isVisible()
    window.server.edit.setText("cloud.example")
    window.browser_button.click()
    assert executor.said == [Connect(DAV.id, server="cloud.example")]


@pytest.fixture
def server_window(qtbot: QtBot, executor: Executor) -> ServerWindow:
    window = ServerWindow(DAV, execute=executor)
    qtbot.addWidget(window)
    window.show()
    return window


def test_a_server_is_named_and_the_window_goes_once_there_is_a_page(
    server_window: ServerWindow, executor: Executor
) -> None:
    assert server_window.windowTitle() == "Connect Job Cloud"
    server_window.server.edit.setText(" cloud.example ")
    server_window.connect_button.click()
    assert executor.said == [Connect(DAV.id, server="cloud.example")]
    assert server_window.progress.isVisible()
    executor.asker.progress({"url": "https://cloud.example/login"})
    assert not server_window.isVisible()
    assert executor.asker.gone, "what comes of it is told by the screen"


def test_what_is_wrong_with_a_named_server_is_said_in_place(
    server_window: ServerWindow, executor: Executor
) -> None:
    server_window.accept()
    assert server_window.server.problem.label.text() == "An address is needed."
    server_window.server.edit.setText("dav.example")
    server_window.accept()
    executor.asker.failed(SignInError("There is no Job Cloud."))
    assert server_window.server.problem.label.text() == "There is no Job Cloud."
    assert server_window.connect_button.isEnabled()
    assert server_window.focusWidget() is server_window.server.edit


def test_a_server_that_is_being_asked_can_be_given_up(
    server_window: ServerWindow, executor: Executor
) -> None:
    server_window.server.edit.setText("dav.example")
    server_window.accept()
    server_window.cancel_button.click()
    assert executor.said[1:] == [CancelSignIn(DAV.id)]
    assert not server_window.isVisible()
