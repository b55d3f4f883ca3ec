"""The example in the README keeps the contract of connectors."""

from oo_desktop.connector import Connector
from oo_desktop.testing import ConnectorContract
from tests.plugins.example import oo_plain_notes
from tests.plugins.notes_service import PlainNotes


class TestPlainNotes(ConnectorContract):
    def connector(self) -> Connector:
        return oo_plain_notes.connector({})

    def service(self) -> PlainNotes:
        return PlainNotes()
