"""Tells those who follow the list that it changed: the D-Bus service, `oo-desktop watch`."""

from collections.abc import Callable

from oo_desktop.agenda.selection import Selection


class ListChanges:
    """Compares each list that is drawn with the one before, where anybody wants to know."""

    def __init__(self) -> None:
        self._followers: dict[object, Callable[[], None]] = {}
        self._last: Selection | None = None

    def follow(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` whenever the list is another; return what ends that."""
        ticket = object()
        self._followers[ticket] = changed

        def leave() -> None:
            self._followers.pop(ticket, None)

        return leave

    def drawn(self, selection: Selection) -> None:
        """Note what is on the screen now, and tell the followers if that is another list."""
        before, self._last = self._last, selection
        if not self._followers or (before is not None and same_list(before, selection)):
            return
        for changed in tuple(self._followers.values()):
            changed()


def same_list(one: Selection, other: Selection) -> bool:
    """Return whether both show the same signals, in the same places and as far on their way."""
    return (
        one.overdue == other.overdue
        and one.today == other.today
        and one.later == other.later
        and (one.plan is other.plan or one.plan == other.plan)
    )
