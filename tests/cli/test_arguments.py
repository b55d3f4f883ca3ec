"""The words of the command line: what is understood, what is not, and what help says."""

import json
import subprocess
from typing import Any

import pytest

from oo_desktop import __version__


@pytest.mark.parametrize(
    ("words", "action", "said"),
    [
        (("tomorrow",), "tomorrow", "Moved to Mon 23 Nov: "),
        (("Next-Week",), "next_week", "Moved to Mon 23 Nov: "),
        (("later", "today"), "later_today", "Moved to Mon 23 Nov: "),
        (("reopen",), "reopen", "Taken back: "),
        (("done",), "done", "Done: "),
    ],
)
def test_act_takes_an_action_however_it_is_written(
    calm: Any, words: tuple[str, ...], action: str, said: str
) -> None:
    answer = json.loads(calm.say("act", "8Jx2", *words, "--json").out)
    assert (answer["id"], answer["action"]) == ("8Jx2", action)
    assert calm.say("act", "8Jx2", *words).out.startswith(said)


def test_an_action_there_is_not_is_wrong_usage_and_names_those_there_are(here: Any) -> None:
    said = here.say("act", "8Jx2", "explode")
    assert (said.code, said.out) == (2, "")
    assert (
        "done, reopen, later_today, tomorrow, next_week, no_date, accept, maybe, decline"
        in said.err
    )


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("done",),
        ("done", "a", "b"),
        ("add",),
        ("add", "--list", "a"),
        ("add", "a", "--nonsense"),
        ("act", "a"),
        ("act", "a", "explode"),
        ("undo", "a", "--list"),
        ("retry",),
        ("retry", "a", "--all"),
        ("discard",),
        ("calendars", "a"),
        ("calendars", "--show"),
        ("calendars", "--show", "a", "--hide", "b"),
        ("connect",),
        ("connect", "todoist", "--browser"),
        ("connect", "todoist", "--no-browser", "--token"),
        ("connect", "todoist", "--token", "--write"),
        ("connect", "todoist", "--token", "--client", "client.json"),
        ("connect", "todoist", "--client"),
        ("connect", "todoist", "--username", "ada"),
        ("connect", "ics", "--server", "dav.example"),
        ("connect", "google_calendar", "--nextcloud"),
        ("connect", "caldav"),
        ("connect", "caldav", "--server", "dav.example"),
        ("connect", "caldav", "--username", "ada"),
        ("connect", "caldav", "--username"),
        ("connect", "caldav", "--username", "ada@dav.example", "--token"),
        ("connect", "caldav", "--username", "ada@dav.example", "--write"),
        ("connect", "caldav", "--username", "ada@dav.example", "--no-browser"),
        ("connect", "caldav", "--user", "a", "--server", "dav.example"),
        ("connect", "caldav", "--user", "a", "--username", "ada"),
        ("connect", "caldav", "--nextcloud"),
        ("connect", "caldav", "--nextcloud", "--server", "c.example", "--username", "ada"),
        ("disconnect",),
        ("status", "--js"),
        ("--json",),
        ("--demo", "status"),
        ("--add", "status"),
        ("--add", "--demo"),
        ("disconnect", "todoist"),  # two accounts: the instance says which
        ("done", "x" * 70_000),
    ],
)
def test_wrong_usage_is_code_2_with_one_sentence(calm: Any, words: tuple[str, ...]) -> None:
    said = calm.say(*words)
    assert said.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("connect", "carddav", "--server", "https://dav.example/ada"),
        ("connect", "carddav", "--server=https://dav.example/ada", "--user", "ada"),
        ("connect", "--server", "https://dav.example/ada", "carddav"),
        ("connect", "--server", "dav.example", "carddav"),
        ("connect", "CardDAV", "https://dav.example/ada"),
        ("connect", "carddav", "ada", "s3cret"),
        ("--json", "connect", "carddav", "--server", "dav.example"),
        ("disconnect", "carddav", "--server", "dav.example"),
    ],
)
def test_more_arguments_to_a_service_there_is_not_name_those_there_are(
    here: Any, words: tuple[str, ...]
) -> None:
    said = here.say(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "There is no service “carddav”. There are: todoist, google_calendar, ics, caldav, "
        "desktop, and those of plug-ins.\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("connect", "carddav", "--token", "s3cret"),
        ("connect", "s3cret", "--token", "carddav"),
        ("connect", "--token", "s3cret", "carddav"),
        ("connect", "S3CRET/s3cret==", "carddav"),
    ],
)
def test_of_a_service_there_is_not_nothing_that_may_be_a_secret_is_repeated(
    here: Any, words: tuple[str, ...]
) -> None:
    said = here.say(*words)
    assert said.code == 2
    assert said.err.startswith("There is no such service. There are: todoist, ")
    assert "s3cret" not in said.err.lower()


@pytest.mark.parametrize(
    "how",
    [("--token",), ("--no-browser",), ("--write",), ("--client", "x.json"), ("--nextcloud",)],
)
def test_what_is_on_this_computer_asks_for_nothing_and_takes_nothing(
    here: Any, how: tuple[str, ...]
) -> None:
    said = here.say("connect", "desktop", *how)
    assert said.code == 2
    assert said.err == "“connect desktop” asks for nothing: it takes no option but --json.\n"


def test_an_address_for_a_service_that_takes_none_is_not_told_about_calendar_links(
    here: Any,
) -> None:
    said = here.say("connect", "todoist", "--server", "https://dav.example/s3cret")
    assert said.code == 2
    assert said.err == "“connect todoist” takes no address. See: oo-desktop connect --help\n"


@pytest.mark.parametrize(
    "words", [("connect", "--user", "ada"), ("connect", "todoist", "--server", "dav.example")]
)
def test_other_trouble_with_arguments_is_told_as_what_it_is(
    here: Any, words: tuple[str, ...]
) -> None:
    said = here.say(*words)
    assert said.code == 2
    assert "no service" not in said.err


def test_help_and_version_need_no_instance(here: Any) -> None:
    assert here.say("--version").out == f"oo-desktop {__version__}\n"
    assert here.say("-h").out == here.say("--help").out
    assert "signals" in here.say("--help").out
    assert "--no-browser" in here.say("connect", "--help").out


def test_help_names_every_service_and_where_a_calendar_link_comes_from(here: Any) -> None:
    for said in (here.say("--help"), here.say("connect", "--help")):
        words = " ".join(said.out.split())
        for part in ("todoist, google_calendar", "ics", "calendar link", "standard input"):
            assert part in words


@pytest.mark.parametrize(
    "words",
    [
        ("connect", "todoist", "--token", "s3cret"),
        ("connect", "todoist", "--token=s3cret"),
        ("connect", "--token", "todoist", "s3cret"),
        ("connect", "ics", "https://calendar.example/s3cret/basic.ics"),
        ("connect", "webcal://calendar.example/s3cret/basic.ics", "ics"),
        ("connect", "webcal:calendar.example/s3cret/basic.ics"),
        ("connect", "https://calendar.example/s3cret/basic.ics"),
    ],
)
def test_a_token_or_link_given_as_an_argument_is_refused_and_not_repeated(
    calm: Any, words: tuple[str, ...]
) -> None:
    said = calm.say(*words)
    assert said.code == 2
    assert "s3cret" not in said.err + said.out


def test_an_argument_that_is_not_text_is_wrong_usage(calm: Any) -> None:
    ended = subprocess.run(
        [*calm.command("done"), b"\xff\xfe"], capture_output=True, env=calm.environment, check=False
    )
    assert ended.returncode == 2
    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "more",
    [
        ("--password", "s3cret"),
        ("--password=s3cret",),
        ("s3cret",),
        ("--passwd", "s3cret", "https://dav.example/s3cret"),
    ],
    ids=["an option", "with =", "a word", "an address too"],
)
def test_a_password_on_the_command_line_is_refused_and_not_repeated(
    here: Any, more: tuple[str, ...]
) -> None:
    said = here.say("connect", "caldav", "--username", "ada@dav.example", *more)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "“connect caldav” takes nothing more: the password is read from standard input, because "
        "everybody can see a command line. See: oo-desktop connect --help\n"
    )


def test_connecting_with_a_password_says_what_it_needs(here: Any) -> None:
    said = here.say("connect", "caldav")
    assert said.err == (
        "“connect caldav” needs --username NAME, and --server URL where that is no e-mail "
        "address; the password is read from standard input. See: oo-desktop connect --help\n"
    )
