from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from oo_desktop.store.database import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "oo.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with closing(Database(path)) as database:
        yield database
