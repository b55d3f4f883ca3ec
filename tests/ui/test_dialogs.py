"""The two questions oO asks."""

from PySide6.QtWidgets import QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from oo_desktop.ui.dialogs import disconnect_dialog, token_dialog


def test_a_token_is_trimmed_hidden_and_not_left_in_the_field(qtbot: QtBot) -> None:
    given: list[str] = []
    dialog = token_dialog("Todoist", given.append)
    qtbot.addWidget(dialog)
    assert dialog.field.echoMode() is QLineEdit.EchoMode.Password
    dialog.field.setText("\t0123456789abcdef \n")
    dialog.connect_button.click()
    assert given == ["0123456789abcdef"]
    assert dialog.field.text() == ""


def test_nothing_is_not_a_token(qtbot: QtBot) -> None:
    given: list[str] = []
    dialog = token_dialog("Todoist", given.append)
    qtbot.addWidget(dialog)
    dialog.field.setText("   ")
    assert not dialog.connect_button.isEnabled()
    dialog.accept()
    dialog.reject()
    assert given == []


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
