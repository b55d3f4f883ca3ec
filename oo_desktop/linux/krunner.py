"""Answers KRunner: type a task's words, open, tick off or move it, or add one.

`org.kde.krunner1`, api.kde.org/krunner-index.html and develop.kde.org/docs/plasma/krunner. KRunner
finds it by `oo-desktop.krunner.desktop`. It asks for the buttons once (`Actions`) and each match
names those it has.
"""

from typing import Annotated

from dbus_fast import Variant
from dbus_fast.annotations import DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method

from oo_desktop.language import translated, untranslated
from oo_desktop.linux.search import DesktopSearch, Result
from oo_desktop.model.signals import ActionKind

PATH = "/org/oo_desktop/Runner"

MIN_LETTERS = 3

BUTTONS = {
    ActionKind.DONE: (untranslated("Mark as done"), "checkmark"),
    ActionKind.LATER_TODAY: (untranslated("Move to later today"), "clock"),
    ActionKind.TOMORROW: (untranslated("Move to tomorrow"), "go-next"),
}
"""What a match offers besides opening it: in KRunner there is room for a few."""

FITS = 70
"""How well a match fits, as KRunner counts (`KRunner::QueryMatch::CategoryRelevance::High`)."""

OneMatch = tuple[str, str, str, int, float, dict[str, Variant]]
Matches = Annotated[list[OneMatch], DBusSignature("a(sssida{sv})")]
Buttons = Annotated[list[tuple[str, str, str]], DBusSignature("a(sss)")]
Properties = Annotated[dict[str, Variant], DBusSignature("a{sv}")]


class Runner(ServiceInterface):
    """Is what KRunner asks, at every key."""

    def __init__(self, search: DesktopSearch) -> None:
        super().__init__("org.kde.krunner1")
        self._search = search

    @dbus_method()
    def Match(self, query: DBusStr) -> Matches:  # noqa: N802  # the interface's words
        """Return what fits; the first most."""
        if len(query.strip()) < MIN_LETTERS:
            return []
        found = self._search.results(query.split())
        return [_match(result, place, len(found)) for place, result in enumerate(found)]

    @dbus_method()
    def Actions(self) -> Buttons:  # noqa: N802  # as above
        """Return every button there may be: its id, its words, its icon."""
        return [(kind.value, translated(words), icon) for kind, (words, icon) in BUTTONS.items()]

    @dbus_method()
    def Run(self, match_id: DBusStr, action_id: DBusStr) -> None:  # noqa: N802  # as above
        """Open a match, or press one of its buttons."""
        kind = next((kind for kind in BUTTONS if kind.value == action_id), None)
        if kind is None:
            self._search.open(match_id)
        else:
            self._search.act(match_id, kind)

    @dbus_method()
    def Config(self) -> Properties:  # noqa: N802  # as above
        """Return when it is worth asking."""
        return {"MinLetterCount": Variant("i", MIN_LETTERS)}

    @dbus_method()
    def Teardown(self) -> None:  # noqa: N802  # as above
        """Do nothing: no search is kept."""

    @dbus_method()
    def SetActivationToken(self, token: DBusStr) -> None:  # noqa: N802  # as above
        """Do nothing: what is opened, another program opens."""


def _match(result: Result, place: int, count: int) -> OneMatch:
    buttons = [kind.value for kind in BUTTONS if kind in result.actions]
    more = {
        "subtext": Variant("s", result.about),
        "category": Variant("s", translated("Tasks and events")),
        "actions": Variant("as", buttons),
    }
    return result.id, result.title, result.icon, FITS, 1 - place / (count + 1), more
