"""How Google hands out its lists: only the absence of `nextPageToken` ends one.

(developers.google.com/calendar/api/guides/pagination)
"""

from oo_desktop.connectors.google_calendar import wire
from oo_desktop.http.paging import Page, Paging

PAGE = 250
"""Items of a page: the most of calendarList, and of events what a loop's turn can take apart."""


def _page(body: bytes) -> Page:
    """Other JSON than Google's is not a list with nothing on it."""
    page = wire.page_from_body(body)
    return Page(page.items or (), page.next_page_token)


LISTS = Paging(
    service="Google",
    size={"maxResults": str(PAGE)},
    cursor="pageToken",
    read=_page,
    is_forgotten=lambda error: error.status == 400,
    slice=10,
    too_much="This is more than oO can show.",
    not_understood=wire.NOT_UNDERSTOOD,
)
