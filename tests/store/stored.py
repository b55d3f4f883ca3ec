"""Databases as earlier versions of oO wrote them: kept as text, made into files by the tests."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).with_name("schemas")


def file_from_dump(path: Path, *, version: int) -> None:
    """Make `path` what an oO with schema `version` left behind."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SCHEMAS / f"version-{version}.sql").read_text())
        connection.execute("PRAGMA journal_mode = WAL")


def contents(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {
            table: [
                dict(row)
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
            ]
            for table in _names(connection, "table")
        }


def structure(path: Path) -> dict[str, Any]:
    """Tables, columns and indexes, without the wording of the statements that made them."""
    with closing(sqlite3.connect(path)) as connection:
        found: dict[str, Any] = {}
        for table in _names(connection, "table"):
            (sql,) = connection.execute(
                "SELECT sql FROM sqlite_master WHERE name = ?", (table,)
            ).fetchone()
            found[table] = (
                connection.execute(f"PRAGMA table_xinfo({table})").fetchall(),
                sorted(row[1:] for row in connection.execute(f"PRAGMA index_list({table})")),
                "AUTOINCREMENT" in sql,
            )
        for index in _names(connection, "index"):
            found[index] = connection.execute(f"PRAGMA index_xinfo({index})").fetchall()
        return found


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return version


def _names(connection: sqlite3.Connection, kind: str) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = ?", (kind,))
    return sorted(name for (name,) in rows)
