"""Plug-ins that cannot be used: one takes a name that is taken, one ends the program."""

import sys


def connector(_section: object) -> None:
    raise AssertionError("nobody should have called this")


def ends_the_program(_section: object) -> None:
    sys.exit("a plug-in of no use")
