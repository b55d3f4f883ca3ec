"""The contract of connectors, which oO ships, and the service to try it on."""

from oo_desktop.connector import Connector
from oo_desktop.testing import ConnectorContract, Sent, StandIn
from tests.plugins.example import oo_plain_notes

NOTES = {
    "n1": {"id": "n1", "text": "Feed the cat", "due": "2026-11-22"},
    "n-2": {"id": "n-2", "text": "Mend the <b>kite</b>"},
}


class PlainNotes(StandIn):
    """open: the notes that are not done. performed: what was done, by its uuid."""

    at = "api"

    def __init__(self) -> None:
        self.open = dict(NOTES)
        self.performed: list[str] = []

    def answer(self, sent: Sent) -> tuple[int, object]:
        if sent.path == "me":
            return 200, {"id": "u-7", "email": "ada@example.com"}
        if sent.path == "notes":
            return 200, list(self.open.values())
        id_, _, word = sent.path.removeprefix("notes/").rpartition("/")
        if sent.method != "POST" or id_ not in NOTES or word not in ("done", "open"):
            return 404, {}
        if sent.json["uuid"] not in self.performed:
            self.performed.append(sent.json["uuid"])
            if word == "done" and self.open.pop(id_, None) is None:
                return 404, {}
            if word == "open":
                self.open[id_] = NOTES[id_]
        return 200, {}


class TestPlainNotes(ConnectorContract):
    def connector(self) -> Connector:
        return oo_plain_notes.connector({})

    def service(self) -> PlainNotes:
        return PlainNotes()
