"""Only its own connector knows a service: all else takes what it says of itself as values."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "oo_desktop"
SHARED = (
    "config.py",
    "engine.py",
    "http",
    "integrations",
    "model",
    "notifications",
    "oauth",
    "signals",
    "store",
    "ui",
)
SERVICE = re.compile("todoist|google", re.IGNORECASE)


def modules() -> Iterator[Path]:
    for name in SHARED:
        path = PACKAGE / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def names_and_texts(tree: ast.Module) -> Iterator[str]:
    """All but comments and docstrings, which may say where a fact is from."""
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docs:
                yield text
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.alias(name=name):
                yield name
            case ast.ImportFrom(module=str(name)):
                yield name


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_all_services_share_knows_none_of_them_by_name(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [text for text in names_and_texts(tree) if SERVICE.search(text)] == []
