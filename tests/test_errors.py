"""Everything that can go wrong on purpose is one tree, and its page names what there is."""

import ast
import re
from pathlib import Path

import pytest

from oo_desktop import errors
from oo_desktop.errors import KEEPS_TRYING, OoError, Rejected, Unavailable, VaultError, VaultState
from tests.pseudo_language import pseudo, pseudo_language

PACKAGE = Path(errors.__file__).parent


def test_every_error_that_the_page_of_the_tree_names_is_there() -> None:
    said = errors.__doc__ or ""
    named = re.findall(r"^[│├└─ ]+(\w+)", said, re.MULTILINE) + re.findall(r"`([A-Z]\w+)`", said)
    assert len(named) > 15
    classes = {
        node.name
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ClassDef)
    }
    assert set(named) - classes == set()


@pytest.mark.parametrize(
    "error", [Unavailable("It rains."), Rejected("It rains."), VaultError("It rains.")]
)
def test_an_error_is_its_sentence(error: OoError) -> None:
    assert str(error) == "It rains."


def test_what_is_not_said_of_an_error_is_the_careful_answer() -> None:
    unavailable = Unavailable("It rains.")
    found = (unavailable.retry_after, unavailable.limited, unavailable.reached)
    assert found == (None, False, True)
    assert (Rejected("No.").reason, Rejected("No.").status) == ("No.", None)
    assert VaultError("It rains.").state is VaultState.FAILED


def test_what_oo_does_about_it_is_said_in_the_language_of_the_person() -> None:
    with pseudo_language():
        error = Unavailable("Es regnet.", outlook=KEEPS_TRYING)
    assert str(error) == f"Es regnet. {pseudo(KEEPS_TRYING)}"
    assert error.outlook == KEEPS_TRYING
