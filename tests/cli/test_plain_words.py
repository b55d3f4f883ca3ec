"""The command lines that are read without argparse: as it reads them, or not at all."""

import pytest

from oo_desktop.cli.arguments import parsed
from oo_desktop.cli.plain_words import ALONE, WITH_ID, plainly_parsed

PLAIN = [(name,) for name in sorted(ALONE)] + [(name, "8Jx2") for name in sorted(WITH_ID)]


@pytest.mark.parametrize("words", PLAIN, ids=" ".join)
@pytest.mark.parametrize("json", ["", "before", "after"])
def test_what_is_plain_is_what_argparse_makes_of_it(words: tuple[str, ...], json: str) -> None:
    around = {"": words, "before": ("--json", *words), "after": (*words, "--json")}[json]
    found = plainly_parsed(around)
    assert found is not None
    # argparse keeps a place for options that only ever show a text.
    assert vars(found) | {"help": None, "version": None} == vars(parsed(around))


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("",),
        ("--json",),
        ("--help",),
        ("--version",),
        ("--demo",),
        ("nonsense",),
        ("status", "--help"),
        ("status", "more"),
        ("--json", "status", "--json"),
        ("--demo", "status"),
        ("done",),
        ("done", ""),
        ("done", "--help"),
        ("done", "a", "b"),
        ("act", "a", "done"),
        ("undo",),
    ],
    ids=" ".join,
)
def test_whatever_else_is_left_to_argparse(words: tuple[str, ...]) -> None:
    assert plainly_parsed(words) is None
