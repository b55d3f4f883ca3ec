"""Compiles `schema.py` and `statements.py` into `sql.py`, which is what runs.

    python -m oo_desktop.store.compile

SQLAlchemy takes 15 MB and a sixth of a second to import, and would say the same at every start.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from sqlalchemy import select
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import ClauseElement

from oo_desktop.store import statements
from oo_desktop.store.schema import metadata

SQL = Path(__file__).with_name("sql.py")

_WIDTH = 96
_NEW_LINE = re.compile(" (?=(?:VALUES|ON CONFLICT|RETURNING|WHERE|ORDER BY) )")

_HEAD = '''"""Holds what SQLite is asked, as SQL: all of `statements.py`, and what makes the tables.

Written by `python -m oo_desktop.store.compile`; changed there, in `schema.py` and `statements.py`.
"""

from collections.abc import Mapping
'''


def compiled() -> str:
    """Return what `sql.py` has to be."""
    return "\n".join(_parts()) + "\n"


def _parts() -> Iterator[str]:
    yield _HEAD
    yield "CREATE_TABLES: tuple[str, ...] = ("
    yield from (f"    {_literal(statement)}," for statement in _creating())
    yield ")\n"
    yield "ALL_COLUMNS: Mapping[str, str] = {"
    for table in metadata.tables.values():
        yield f'    "{table.name}": {_literal(_sql(select(table)))},'
    yield '}\n"""What reads every column of each table."""'
    for name, statement in vars(statements).items():
        if name.isupper() and not name.startswith("_"):
            yield f"\n{name} = {_literal(_sql(statement))}"


def _creating() -> Iterator[str]:
    """In the order in which all oO have made them: salvage counts on where a table begins."""
    for table in metadata.tables.values():
        yield _sql(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            yield _sql(CreateIndex(index, if_not_exists=True))


def _sql(statement: ClauseElement) -> str:
    # named: parameters are `:name`, for a mapping.
    text = str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))
    return _NEW_LINE.sub("\n", text.strip()).replace("\t", "    ")


def _literal(text: str) -> str:
    lines = [part for line in text.split("\n") for part in _folded(line.rstrip())]
    return '"""\\\n' + "\n".join(lines) + '"""'


def _folded(line: str) -> list[str]:
    return wrap(line, _WIDTH, subsequent_indent="    ", break_long_words=False) or [""]


if __name__ == "__main__":
    SQL.write_text(compiled())
