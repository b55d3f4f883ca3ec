"""The SQL that runs is what SQLAlchemy makes of the tables and statements that are defined."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Executable, create_engine

from oo_desktop.store import sql, statements
from oo_desktop.store.compile import SQL, compiled
from oo_desktop.store.database import Database
from oo_desktop.store.schema import metadata
from tests.store.stored import structure

DEFINED = [name for name, value in vars(statements).items() if isinstance(value, Executable)]
PUBLIC = [name for name in DEFINED if not name.startswith("_")]


@pytest.fixture
def of_sqlalchemy(tmp_path: Path) -> Path:
    """A database whose tables SQLAlchemy has created itself."""
    path = tmp_path / "sqlalchemy.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def test_it_was_compiled_after_the_last_change() -> None:
    assert SQL.read_text() == compiled(), "run python -m oo_desktop.store.compile"


def test_a_new_database_is_what_sqlalchemy_would_create(path: Path, of_sqlalchemy: Path) -> None:
    Database(path).close()
    assert structure(path) == structure(of_sqlalchemy)


def test_its_tables_begin_on_the_pages_where_they_always_have(
    connection: sqlite3.Connection, of_sqlalchemy: Path
) -> None:
    """A database without its first page is read by that of a new one (`recovery/salvage.py`)."""
    query = "SELECT name, rootpage FROM sqlite_master"
    with closing(sqlite3.connect(of_sqlalchemy)) as other:
        assert connection.execute(query).fetchall() == other.execute(query).fetchall()


@pytest.mark.parametrize("name", PUBLIC)
def test_sqlite_understands_a_statement(connection: sqlite3.Connection, name: str) -> None:
    statement: str = getattr(sql, name)
    given = dict.fromkeys(getattr(statements, name).compile().params)
    assert connection.execute(f"EXPLAIN {statement}", given).fetchall()


def test_every_table_can_be_read_whole(connection: sqlite3.Connection) -> None:
    assert sql.ALL_COLUMNS.keys() == metadata.tables.keys()
    for name, rows in sql.ALL_COLUMNS.items():
        read = connection.execute(rows).description
        assert read == connection.execute(f"SELECT * FROM {name}").description
