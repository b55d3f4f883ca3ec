"""The window that takes a client's file, dropped on it or chosen."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from oo_desktop.commands.commands import Asker, CheckClient, Command, OpenUrl, UseClient
from oo_desktop.connectors.google_calendar.own_client import HELP
from oo_desktop.errors import SignInError
from oo_desktop.model.signals import ProviderId
from oo_desktop.model.state import MAX_CLIENT_FILE
from oo_desktop.ui.qt.client_window import ClientWindow

# What the offscreen platform says of every window that may not be made too small.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RIGHT = '{"installed": {"client_id": "1-a", "client_secret": "hush"}}'
WRONG = "This is not the file of a client."
CONSOLE = "https://console.cloud.google.com"


class Desk:
    """A window, and what it asked for."""

    def __init__(self) -> None:
        self.brought: list[str] = []
        self.asker: Asker | None = None
        self.opened: list[str] = []
        self.window = ClientWindow(ProviderId("google_calendar"), help=HELP, execute=self._execute)

    def _execute(self, command: Command, asker: Asker | None = None, /) -> None:
        match command:
            case CheckClient("google_calendar", text):
                assert asker is not None
                if text == RIGHT:
                    asker.answered(command, None)
                else:
                    asker.failed(SignInError(WRONG))
            case UseClient("google_calendar", text):
                self.brought.append(text)
                self.asker = asker
            case OpenUrl(url):
                self.opened.append(url)

    def answer(self, problem: str | None) -> None:
        """Say how the client that was brought last fared."""
        assert self.asker is not None
        if problem is None:
            self.asker.answered(UseClient(ProviderId("google_calendar"), RIGHT), None)
        else:
            self.asker.failed(SignInError(problem))

    def drop(self, *urls: QUrl, text: str = "", move: bool = False) -> QDropEvent:
        """What Qt does when something is dropped."""
        mime = QMimeData()
        if urls:
            mime.setUrls(urls)
        if text:
            mime.setText(text)
        action = Qt.DropAction.MoveAction if move else Qt.DropAction.CopyAction
        left = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        both = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
        QApplication.sendEvent(self.window, QDragEnterEvent(QPoint(9, 9), both, mime, *left))
        event = QDropEvent(QPointF(9, 9), both, mime, *left)
        event.setDropAction(action)
        QApplication.sendEvent(self.window, event)
        return event

    @property
    def said(self) -> str:
        return self.window.status.text()


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk()
    desk.window.open()
    qtbot.waitExposed(desk.window)
    yield desk
    desk.window.close()
    desk.window.deleteLater()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "client_secret_1.json"
    file.write_text(RIGHT)
    return file


def url_of(path: Path) -> QUrl:
    return QUrl.fromLocalFile(str(path))


def test_a_dropped_file_is_taken_and_brought_when_the_user_continues(
    desk: Desk, file: Path
) -> None:
    assert not desk.window.continue_button.isEnabled()
    desk.drop(url_of(file))
    assert desk.said.startswith("client_secret_1.json is the file of a client.")
    assert desk.brought == []
    desk.window.continue_button.click()
    assert desk.brought == [RIGHT]


def test_a_file_that_was_offered_to_be_moved_is_only_copied(desk: Desk, file: Path) -> None:
    event = desk.drop(url_of(file), move=True)
    assert event.dropAction() is Qt.DropAction.CopyAction


def test_the_window_closes_once_the_client_is_kept(desk: Desk, file: Path) -> None:
    desk.drop(url_of(file))
    desk.window.continue_button.click()
    assert desk.window.isVisible()
    assert not desk.window.continue_button.isEnabled()
    desk.answer(None)
    assert not desk.window.isVisible()


def test_a_client_that_cannot_be_kept_can_be_tried_again(desk: Desk, file: Path) -> None:
    desk.drop(url_of(file))
    desk.window.continue_button.click()
    desk.answer("Your keyring is locked.")
    assert desk.said == "Your keyring is locked."
    desk.window.continue_button.click()
    assert desk.brought == [RIGHT, RIGHT]


def test_an_answer_that_comes_after_the_window_is_gone_is_for_others_to_hear(
    desk: Desk, file: Path
) -> None:
    desk.drop(url_of(file))
    desk.window.continue_button.click()
    assert desk.asker is not None
    assert not desk.asker.gone
    desk.window.reject()
    assert desk.asker.gone


def test_a_wrong_file_is_named_and_the_right_one_before_it_stays(
    desk: Desk, file: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "else.json"
    wrong.write_text("{}")
    desk.drop(url_of(wrong))
    assert desk.said == WRONG
    assert not desk.window.continue_button.isEnabled()
    desk.drop(url_of(file))
    desk.drop(url_of(wrong))
    assert desk.said == f"{WRONG} The file from before is still here."
    desk.window.continue_button.click()
    assert desk.brought == [RIGHT]


@pytest.mark.parametrize(
    ("urls", "words"),
    [
        ((QUrl("https://example.org/client_secret.json"),), "not a file on this computer"),
        ((QUrl("file://elsewhere/share/client_secret.json"),), "not a file on this computer"),
        ((QUrl("sftp://host/client_secret.json"),), "not a file on this computer"),
        ((QUrl("file:///a.json"), QUrl("file:///b.json")), "several files"),
        ((QUrl("file:///nowhere/client_secret.json"),), "cannot read this file"),
        ((QUrl("file:///a%00b.json"),), "cannot read this file"),
    ],
)
def test_what_is_no_file_here_is_refused_with_a_sentence(
    urls: tuple[QUrl, ...], words: str, desk: Desk
) -> None:
    desk.drop(*urls)
    assert words in desk.said
    assert not desk.window.continue_button.isEnabled()


def test_dropped_text_is_refused_with_a_sentence(desk: Desk) -> None:
    desk.drop(text=RIGHT)
    assert desk.said.startswith("This is text.")


def a_folder(path: Path) -> None:
    path.mkdir()


def a_large_file(path: Path) -> None:
    path.write_bytes(b"x" * (MAX_CLIENT_FILE + 1))


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def an_unreadable_link(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (a_folder, "This is a folder"),
        (a_large_file, "too large"),
        (a_pipe, "not a file"),
        (an_unreadable_link, "cannot read this file"),
    ],
)
def test_what_only_looks_like_a_file_is_refused_and_waits_for_nothing(
    make: Callable[[Path], None], words: str, desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "client_secret_2.json"
    make(path)
    desk.drop(url_of(path))
    assert words in desk.said


def test_bytes_that_are_no_text_are_judged_like_any_other_file(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "client_secret_3.json"
    path.write_bytes(bytes(range(256)))
    desk.drop(url_of(path))
    assert desk.said == WRONG


def test_the_name_of_a_file_is_shown_as_the_text_it_is(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "<b>x\u202e.json"
    path.write_text(RIGHT)
    desk.drop(url_of(path))
    assert desk.window.status.textFormat() is Qt.TextFormat.PlainText
    assert "\u202e" not in desk.said


def test_a_file_can_be_chosen_as_well(desk: Desk, file: Path) -> None:
    desk.window.drop_area.button.click()
    dialog = desk.window.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(file))
    dialog.close()
    assert desk.window.continue_button.isEnabled()


def test_every_step_that_happens_at_google_is_a_link_to_there(desk: Desk) -> None:
    assert desk.window.steps.text().count(f'href="{CONSOLE}/') == 5
    assert "Publish app" in desk.window.steps.text()
    assert "7 days" in desk.window.steps.text()
    desk.window.steps.linkActivated.emit(f"{CONSOLE}/projectcreate")
    assert desk.opened == [f"{CONSOLE}/projectcreate"]


def test_all_of_it_can_be_reached_with_the_keyboard_and_escape_closes_it(
    desk: Desk, file: Path
) -> None:
    window = desk.window
    window.take(file)
    reached: list[QWidget] = []
    widget = window.continue_button.nextInFocusChain()
    while widget is not None and widget is not window.continue_button:
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.append(widget)
        widget = widget.nextInFocusChain()
    assert window.steps in reached
    assert window.drop_area.button in reached
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_return_does_not_close_a_window_that_has_no_file_yet(desk: Desk) -> None:
    desk.window.steps.setFocus()
    QTest.keyClick(desk.window, Qt.Key.Key_Return)
    assert desk.window.isVisible()
    assert desk.brought == []


def test_return_does_what_can_be_done_next(desk: Desk, file: Path) -> None:
    desk.drop(url_of(file))
    QTest.keyClick(desk.window, Qt.Key.Key_Return)
    assert desk.brought == [RIGHT]


def test_a_screen_reader_is_told_all_that_can_be_read(desk: Desk) -> None:
    steps, status = map(spoken, (desk.window.steps, desk.window.status))
    assert steps.startswith("1. Create a project; call it oO, say. 2. Enable the Google Calendar")
    assert steps.endswith("(Google shows the secret only then), and bring the file here.")
    assert status == "No file yet."
    desk.drop(text="hello")
    assert spoken(desk.window.status) == desk.said


def spoken(label: QLabel) -> str:
    """All that a screen reader is told of it."""
    told = QAccessible.queryAccessibleInterface(label)
    assert told is not None
    return told.text(QAccessible.Text.Name)


def test_what_the_file_held_is_forgotten_when_the_window_closes(desk: Desk, file: Path) -> None:
    desk.drop(url_of(file))
    desk.window.close()
    assert not any(RIGHT in str(value) for value in vars(desk.window).values())


@pytest.mark.usefixtures("spanish")
def test_its_button_says_cancel_as_every_other_window_does(desk: Desk) -> None:
    assert "Dejarlo" in [button.text() for button in desk.window.findChildren(QPushButton)]


@pytest.mark.usefixtures("right_to_left")
def test_steps_are_numbered_from_the_right_where_lines_begin_there(desk: Desk) -> None:
    assert 'dir="rtl"' in desk.window.steps.text()
