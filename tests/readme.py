"""Reads the README as its readers do: sections, tables, and the words set as code."""

import re
from pathlib import Path

TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Return what stands below a heading, up to the next of its level or above."""
    (level,) = re.findall(rf"^(#+) {re.escape(heading)}$", TEXT, re.MULTILINE)
    _, _, rest = TEXT.partition(f"\n{level} {heading}\n")
    assert rest, heading
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table in a section, without its head."""
    return tables(heading)[0][1:]


def tables(heading: str) -> list[list[list[str]]]:
    """Return the cells of each table in a section, its head first."""
    found = re.findall(r"^\|.*(?:\n\|.*)*", section(heading), re.MULTILINE)
    return [[_cells(line) for n, line in enumerate(each.splitlines()) if n != 1] for each in found]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def code_words(text: str) -> set[str]:
    """Return what is set as code in it."""
    return set(re.findall(r"`([^`]+)`", text))


def named(heading: str) -> set[str]:
    """Return what the first column of a section's table names."""
    return {word for row in rows(heading) for word in code_words(row[0])}
