"""What is asked and answered, as values: whoever prints one prints no secret."""

import pytest

from oo_desktop.http.answers import THE_SERVICE, Answer, Request, bounded_wait

SECRET = "s3cr3t-0123456789abcdef"


def test_neither_tells_more_of_itself_than_what_it_is() -> None:
    request = Request(
        method="POST",
        url=f"https://service.example/{SECRET}",
        params={"token": SECRET},
        form={"code": SECRET},
        json=None,
        content=None,
        headers={"Authorization": f"Bearer {SECRET}"},
        max_bytes=1,
        asked=THE_SERVICE,
    )
    answer = Answer(status=200, content_type="application/json", body=SECRET.encode())
    assert f"{request!r} {answer!r}" == "Request(POST) Answer(200)"


@pytest.mark.parametrize(
    ("asked", "waited"), [(0, 0), (7200, 3600), (86_400, 3600), (86_401, None), (-1, None)]
)
def test_a_wait_is_an_hour_at_most_and_none_where_it_makes_no_sense(
    asked: float, waited: float | None
) -> None:
    assert bounded_wait(asked) == waited
