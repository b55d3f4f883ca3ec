"""What the keyring's process answers, without a process."""

import os
from collections.abc import Iterator

import keyring.backend
import pytest
from keyring.compat import properties

from oo_desktop.integrations.keyring_child import Answers

ENTRY = {"service": "oo-desktop:todoist:1", "username": "1"}


class StandIn(keyring.backend.KeyringBackend):
    """Keeps entries in the class, for each choice makes an instance."""

    entries: dict[tuple[str, str], str] = {}  # noqa: RUF012  # it is the class's on purpose
    made = 0
    error: Exception | None = None

    @properties.classproperty
    def priority(cls) -> float:  # noqa: N805  # it is one of the class
        """Return how much it is preferred. Raises RuntimeError: it is only had by name."""
        if os.environ.get("PYTHON_KEYRING_BACKEND") != NAME:
            raise RuntimeError
        return 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types there
        StandIn.made += 1

    def get_password(self, service: str, username: str) -> str | None:
        if StandIn.error is not None:
            raise StandIn.error
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


NAME = f"{__name__}.{StandIn.__name__}"


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", NAME)
    yield
    StandIn.entries.clear()
    StandIn.made, StandIn.error = 0, None


def asked(own: Answers, call: str, **words: str) -> dict[str, object]:
    return own.answer({"call": call, "may_start_kwallet": False, **ENTRY, **words})


def test_what_is_set_is_got_and_deleted() -> None:
    own = Answers()
    assert asked(own, "get")["value"] is None
    asked(own, "set", value="planted")
    assert asked(own, "get")["value"] == "planted"
    asked(own, "delete")
    assert StandIn.entries == {}


def test_each_answer_says_which_back_end_it_is_from() -> None:
    assert asked(Answers(), "get")["backend"] == NAME


def test_the_back_end_is_chosen_at_the_first_call_and_when_that_is_asked_for() -> None:
    own = Answers()
    asked(own, "get")
    asked(own, "get")
    assert StandIn.made == 1
    asked(own, "choose")
    assert StandIn.made == 2


def test_a_failure_is_told_by_its_class_and_none_of_its_words() -> None:
    StandIn.error = ValueError("planted")
    answer = asked(Answers(), "get")
    assert (answer["hindrance"], answer["about"]) == ("failed", "ValueError")
    assert "planted" not in str(answer)


def test_a_back_end_that_is_not_there_leaves_none_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no_such_module.Keyring")
    own = Answers()
    assert asked(own, "choose")["hindrance"] == "not loaded"
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", NAME)
    assert asked(own, "get")["backend"] == NAME


def test_of_a_back_end_that_cannot_tell_nothing_is_locked() -> None:
    assert "lock" not in asked(Answers(), "lock")
