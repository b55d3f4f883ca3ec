"""The two questions oO asks."""

import gettext
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMargins, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from oo_desktop import language
from oo_desktop.commands.commands import Asker, Quit
from oo_desktop.errors import SignInError
from oo_desktop.ui.qt.dialogs import disconnect_dialog, link_dialog, margins, token_dialog, wrapped

# What the offscreen platform says of every window that may not be made too small.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Asked:
    """Who is given what was pasted, and answers when the test does."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.asker = Asker()

    def __call__(self, secret: str, asker: Asker) -> None:
        self.secrets.append(secret)
        self.asker = asker

    def answer(self, problem: str | None) -> None:
        if problem is None:
            self.asker.answered(Quit(), None)
        else:
            self.asker.failed(SignInError(problem))


def test_a_token_is_trimmed_hidden_and_not_left_in_the_field(qtbot: QtBot) -> None:
    asked = Asked()
    dialog = token_dialog("Todoist", asked)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.field.echoMode() is QLineEdit.EchoMode.Password
    dialog.field.setText("\t0123456789abcdef \n")
    dialog.connect_button.click()
    assert asked.secrets == ["0123456789abcdef"]
    assert dialog.status.text() == "Connecting…"
    assert not dialog.connect_button.isEnabled()
    asked.answer(None)
    assert not dialog.isVisible()
    assert dialog.field.text() == ""


def test_what_is_wrong_with_a_token_is_said_in_place_and_another_can_be_pasted(
    qtbot: QtBot,
) -> None:
    asked = Asked()
    dialog = token_dialog("Todoist", asked)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.field.setText("short")
    dialog.accept()
    asked.answer("This is <b>no</b> token.")
    assert dialog.isVisible()
    assert dialog.status.text() == "This is <b>no</b> token."
    assert dialog.status.textFormat() is Qt.TextFormat.PlainText
    assert dialog.field.hasSelectedText(), "what is pasted next takes its place"
    dialog.field.setText("0123456789abcdef")
    dialog.accept()
    assert asked.secrets == ["short", "0123456789abcdef"]


def test_the_window_promises_to_cancel_only_while_it_can(qtbot: QtBot) -> None:
    asked = Asked()
    dialog = token_dialog("Todoist", asked)
    qtbot.addWidget(dialog)
    dialog.show()
    offered = [dialog.cancel_button.text()]
    dialog.field.setText("short")
    dialog.accept()
    offered.append(dialog.cancel_button.text())
    asked.answer("This is no token.")
    offered.append(dialog.cancel_button.text())
    assert offered == ["Cancel", "Close", "Cancel"]


def test_the_window_is_tall_enough_for_all_it_says(qtbot: QtBot) -> None:
    asked = Asked()
    dialog = link_dialog(asked, where="In its settings.")
    qtbot.addWidget(dialog)
    dialog.setStyleSheet("QLabel { font-size: 40px }")  # higher than Qt would let it grow
    dialog.show()
    dialog.field.setText("hello")
    dialog.accept()
    asked.answer("This is not a calendar link. " * 4)
    for label in dialog.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width())


def test_an_answer_after_the_window_was_closed_is_for_others_to_hear(qtbot: QtBot) -> None:
    asked = Asked()
    dialog = token_dialog("Todoist", asked)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.field.setText("0123456789abcdef")
    dialog.accept()
    assert not asked.asker.gone
    dialog.reject()
    assert asked.asker.gone
    assert dialog.field.text() == ""


def test_nothing_is_not_a_token(qtbot: QtBot) -> None:
    asked = Asked()
    dialog = token_dialog("Todoist", asked)
    qtbot.addWidget(dialog)
    dialog.field.setText("   ")
    assert not dialog.connect_button.isEnabled()
    dialog.accept()
    dialog.reject()
    assert asked.secrets == []


def test_disconnecting_says_what_would_be_lost_and_does_nothing_by_default(qtbot: QtBot) -> None:
    confirmed: list[bool] = []
    box = disconnect_dialog("Todoist · <b>ana</b>", 2, lambda: confirmed.append(True))
    qtbot.addWidget(box)
    assert box.text() == "Disconnect Todoist · <b>ana</b>?"
    assert "2 clicks have not reached the service yet and are dropped." in box.informativeText()
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert confirmed == []


def test_disconnecting_with_nothing_to_lose_does_not_mention_it(qtbot: QtBot) -> None:
    box = disconnect_dialog("ana", 0, lambda: None)
    qtbot.addWidget(box)
    assert "dropped" not in box.informativeText()


@pytest.mark.usefixtures("spanish")
def test_its_button_says_cancel_as_every_other_window_does(qtbot: QtBot) -> None:
    box = disconnect_dialog("ana", 0, lambda: None)
    qtbot.addWidget(box)
    assert box.button(QMessageBox.StandardButton.Cancel).text() == "Dejarlo"


def test_there_is_no_room_between_what_is_asked_and_the_field(qtbot: QtBot) -> None:
    dialog = link_dialog(lambda _link, _answered: None, where="")
    qtbot.addWidget(dialog)
    dialog.show()
    QApplication.processEvents()
    layout = dialog.layout()
    assert layout is not None
    assert dialog.height() == layout.heightForWidth(dialog.width())


def test_margins_are_told_by_where_lines_begin(qapp: QApplication) -> None:
    assert qapp.layoutDirection() is Qt.LayoutDirection.LeftToRight
    assert margins(4, 3, 2, 1) == QMargins(4, 3, 2, 1)


@pytest.mark.usefixtures("right_to_left")
def test_margins_are_mirrored_with_the_lines() -> None:
    assert margins(4, 3, 2, 1) == QMargins(2, 3, 4, 1)


@pytest.fixture
def arabic() -> Iterator[None]:
    language.use_catalogue("ar", gettext.NullTranslations())
    yield
    language.use_catalogue(language.ENGLISH, gettext.NullTranslations())


@pytest.mark.usefixtures("right_to_left", "arabic")
@pytest.mark.parametrize("text", ["تحديث", "Todoist: قبل دقيقتين.", "ada@example.com", "/home/ada"])
def test_every_label_begins_at_the_right_where_lines_do(qtbot: QtBot, text: str) -> None:
    label = wrapped("")
    qtbot.addWidget(label)
    label.setText(text)
    label.resize(600, 40)
    assert min(inked(label)) > 300
    assert max(inked(label)) > 580


@pytest.mark.usefixtures("right_to_left", "arabic")
def test_from_right_to_left_every_line_of_a_label_begins_at_its_edge(qtbot: QtBot) -> None:
    label = wrapped("ששש ששש ששש ששש")
    qtbot.addWidget(label)
    label.resize(label.fontMetrics().horizontalAdvance("ששש ששש") + 2, 100)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    both = inked(label)
    label.setText("ששש ששש")
    assert both == inked(label)
    assert min(both) > 0


@pytest.mark.usefixtures("right_to_left", "arabic")
def test_a_label_takes_no_focus_though_its_text_can_be_selected(qtbot: QtBot) -> None:
    label = wrapped("ששש")
    qtbot.addWidget(label)
    assert label.focusPolicy() is Qt.FocusPolicy.NoFocus


def test_a_label_begins_at_the_left_whatever_letters_it_begins_with(qtbot: QtBot) -> None:
    label = wrapped("שלום · Work")
    qtbot.addWidget(label)
    label.resize(600, 40)
    assert max(inked(label)) < 300


def inked(label: QLabel) -> list[int]:
    """The columns with something in them."""
    image = label.grab().toImage()
    ground = image.pixelColor(0, 0)
    rows = range(image.height())
    return [x for x in range(image.width()) if any(image.pixelColor(x, y) != ground for y in rows)]
