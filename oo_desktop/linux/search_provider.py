"""Answers GNOME's overview: type a task's words, Enter opens it.

`org.gnome.Shell.SearchProvider2`, developer.gnome.org/documentation/tutorials/search-provider.html.
The shell finds it by `oo-desktop.search-provider.ini` in a data folder of the system, so only where
oO is installed as a package. A result has no buttons there, and Enter opens it, as that guide asks
for. `add buy milk` offers to add that.
"""

from typing import Annotated

from dbus_fast import Variant
from dbus_fast.annotations import DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method

from oo_desktop.linux.search import DesktopSearch, Result

PATH = "/org/oo_desktop/SearchProvider"

Strings = Annotated[list[str], DBusSignature("as")]
Dicts = Annotated[list[dict[str, Variant]], DBusSignature("aa{sv}")]


class SearchProvider(ServiceInterface):
    """Is what GNOME Shell asks, at every key."""

    def __init__(self, search: DesktopSearch) -> None:
        super().__init__("org.gnome.Shell.SearchProvider2")
        self._search = search

    @dbus_method()
    def GetInitialResultSet(self, terms: Strings) -> Strings:  # noqa: N802  # the interface's words
        """Return the ids of what fits."""
        return [result.id for result in self._search.results(terms)]

    @dbus_method()
    def GetSubsearchResultSet(self, previous_results: Strings, terms: Strings) -> Strings:  # noqa: ARG002, N802  # as above
        """Return the ids of what fits now that more was typed: the list is short enough to search
        all of it anew."""
        return [result.id for result in self._search.results(terms)]

    @dbus_method()
    def GetResultMetas(self, identifiers: Strings) -> Dicts:  # noqa: N802  # as above
        """Return what is shown of these."""
        return [_meta(result) for result in self._search.described(identifiers)]

    @dbus_method()
    def ActivateResult(self, identifier: DBusStr, terms: Strings, timestamp: DBusUInt32) -> None:  # noqa: ARG002, N802  # as above
        """Open one."""
        self._search.open(identifier)

    @dbus_method()
    def LaunchSearch(self, terms: Strings, timestamp: DBusUInt32) -> None:  # noqa: ARG002, N802  # as above
        """Show oO's window."""
        self._search.open("")


def _meta(result: Result) -> dict[str, Variant]:
    """`icon` as GLib writes one (g_icon_serialize); a shell of before takes the name, `gicon`."""
    return {
        "id": Variant("s", result.id),
        "name": Variant("s", result.title),
        "description": Variant("s", result.about),
        "icon": Variant("(sv)", ("themed", Variant("as", [result.icon]))),
        "gicon": Variant("s", result.icon),
    }
