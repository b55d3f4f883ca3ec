"""Words: docstrings open with a verb, glossary words stay, and no sentence stands for a state."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "oo_desktop"

IMPERATIVE = frozenset(Path(__file__).with_name("verbs.txt").read_text().split())
"""Verbs that docstrings open with; one that is missing is added there."""

GONE = {
    r"MOST(_.*)?": "MAX_…",
    r"LONGEST(_.*)?": "MAX_…",
    r"DEEPEST(_.*)?": "MAX_…",
    r"ENOUGH(_.*)?": "MAX_…",
    r"(MAXIMUM|MINIMUM)_.*": "MAX_… and MIN_…",
    r"PATIENCE|GRACE": "what is waited for, and …_SECONDS",
    "Detour": "Quarantine",
    "Suspicion": "PoisonSearch",
    "Line": "Batcher, or a line of what",
    "Attempts": "isolated calls",
    "Surroundings": "ConnectorContext",
    "Looks": "precheck",
    "told_plainly": "translate_refusals",
    "Notifying": "NotificationCenter",
    "Opening": "DatabaseOpener",
    "obey": "execute",
    "_go": "spawn",
    "in_thread_to_the_end": "to_thread_shielded",
    "Writer": "DaemonExecutor",
    "REFUSED": "REJECTED",
}
"""Names that the glossary in CONTRIBUTING.md has no word for, and what took their place."""

PROMISED = {("oo_desktop/connector.py", "Surroundings")}
"""Names that plug-ins go on using."""

SENTENCES = frozenset({"message", "notice", "problem", "reason", "said", "sentence"})
"""What holds sentences for people; in the sandbox, `reason` is a word of Google's."""

COMPARED = {
    "cli/arguments.py": "argparse tells its errors apart by their text only",
    "integrations/keyring_backends.py": "KWallet tells of its missing plug-in by the text only",
    "ui/view/accounts.py": "what was said already is not said again",
    "ui/view/window.py": "what was said already is not said again",
}
"""Where a sentence is compared, and why."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text())


def public_docstrings(tree: ast.Module) -> Iterator[tuple[ast.AST, int, str]]:
    """Yield what is documented, its line, and its docstring: the module, then classes and so on."""
    if said := ast.get_docstring(tree):
        yield tree, 1, said
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        if not isinstance(node, kinds) or node.name.startswith("_"):
            continue
        if said := ast.get_docstring(node):
            yield node, node.lineno, said
        if isinstance(node, ast.ClassDef):
            waiting += node.body


def opens_with_a_verb(node: ast.AST, docstring: str) -> bool:
    """Return whether it does: "Return …", and of a module or class "Returns …", too."""
    match = re.match(r"[A-Z][a-z]*", docstring)
    word = match[0].lower() if match else ""
    if isinstance(node, (ast.Module, ast.ClassDef)) and word.endswith("s"):
        third_person = {word[:-1], word.removesuffix("es"), f"{word.removesuffix('ies')}y"}
        return not IMPERATIVE.isdisjoint({word, *third_person}) or word in ("is", "has")
    return word in IMPERATIVE


@pytest.mark.parametrize(
    ("code", "opens"),
    [
        ('"""Carries clicks."""', True),
        ('"""Carry clicks."""', True),
        ('"""Tries again."""', True),
        ('"""Clicks on their way."""', True),  # no list of words tells a verb from a noun
        ('"""The clicks."""', False),
        ('"""`click` is carried."""', False),
        ('class Click:\n    """Passes through."""', True),
        ('def click():\n    """Return it."""', True),
        ('def click():\n    """Returns it."""', False),
        ('class Click:\n    def undo(self):\n        """Whether it can be."""', False),
        ('class Click:\n    def _undo(self):\n        """Whether it can be."""', True),
    ],
)
def test_a_docstring_opens_with_a_verb_or_is_found(code: str, *, opens: bool) -> None:
    found = [opens_with_a_verb(node, said) for node, _, said in public_docstrings(ast.parse(code))]
    assert all(found) is opens


def test_every_public_docstring_opens_with_a_verb() -> None:
    offenders = [
        f"{path}:{line}: {said.splitlines()[0]}"
        for path, tree in sources()
        for node, line, said in public_docstrings(tree)
        if not opens_with_a_verb(node, said)
    ]
    assert not offenders, "\n".join(offenders)


def names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield what a module names: classes, functions, and whatever is assigned to."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def test_no_name_comes_back_that_the_glossary_has_a_better_one_for() -> None:
    offenders = [
        f"{path}:{line}: {name}, now {better}"
        for path, tree in sources()
        for name, line in names(tree)
        for gone, better in GONE.items()
        if re.fullmatch(gone, name) and (path, name) not in PROMISED
    ]
    assert not offenders, "\n".join(offenders)


def is_sentence(node: ast.expr) -> bool:
    """Return whether it is text for people: `str(error)`, `.reason`, `message`, …"""
    match node:
        case ast.Call(func=ast.Name(id="str")):
            return True
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in SENTENCES
        case _:
            return False


def searched_sentence(node: ast.AST) -> bool:
    """Return whether a sentence is looked into, or held against a text."""
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=value,
                attr="startswith" | "endswith" | "find" | "index" | "removeprefix" | "removesuffix",
            )
        ):
            return is_sentence(value)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re")), args=args):
            return any(map(is_sentence, args))
        case ast.Compare(left=left, ops=ops, comparators=right):
            sides = [left, *right]
            looked_into = any(isinstance(op, (ast.In, ast.NotIn)) for op in ops)
            texts = [side.value for side in sides if isinstance(side, ast.Constant)]
            held_against = any(isinstance(text, str) and text for text in texts)
            return (looked_into or held_against) and any(map(is_sentence, sides))
        case _:
            return False


@pytest.mark.parametrize(
    ("code", "searched"),
    [
        ('error.reason.endswith("too often.")', True),
        ('"too often" in str(error)', True),
        ('problem == "It rains."', True),
        ('re.search("often", message)', True),
        ("problem is None", False),
        ('problem == ""', False),
        ("problem != self.problem", False),
        ('text.endswith("…")', False),
    ],
)
def test_a_sentence_that_is_searched_is_found(code: str, *, searched: bool) -> None:
    assert any(map(searched_sentence, ast.walk(ast.parse(code)))) is searched


def test_no_sentence_is_searched_for_its_meaning() -> None:
    offenders = [
        f"{path}:{getattr(node, 'lineno', 0)}: a sentence is no state; give that a type"
        for path, tree in sources()
        if path.removeprefix("oo_desktop/") not in COMPARED and "/sandbox/" not in path
        for node in ast.walk(tree)
        if searched_sentence(node)
    ]
    assert not offenders, "\n".join(offenders)
