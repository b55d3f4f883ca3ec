from collections.abc import Iterator
from pathlib import Path

import pytest

from oo_desktop.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "oo.db")
    yield database
    database.close()
