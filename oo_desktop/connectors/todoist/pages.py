"""How Todoist hands out its lists: with a cursor (developer.todoist.com/api/v1, "Pagination")."""

from oo_desktop.connectors.todoist import wire
from oo_desktop.connectors.todoist.errors import envelope_from_json
from oo_desktop.http.paging import Page, Paging

PAGE = 200
"""Tasks of a page: the most there may be."""


def _page(body: bytes) -> Page:
    page = wire.decoded(body, wire.PageWire)
    return Page(page.results, page.next_cursor)


LISTS = Paging(
    service="Todoist",
    size={"limit": str(PAGE)},
    cursor="cursor",
    read=_page,
    is_forgotten=lambda error: envelope_from_json(error.body).argument == "cursor",
    slice=50,
    too_much="This is more than oO can show. Please narrow the filter in the settings.",
    not_understood=wire.NOT_UNDERSTOOD,
)
