"""State has a type: no sentence that people read is searched or compared for its meaning.

A sentence is text with a space or the end of a sentence in it. What is caught:

- such a text, or a constant that holds one, on either side of `==`, `!=`, `in`, of a `case`, as the
  argument of `startswith`, `endswith`, `find`, `index`, `count`, `replace`, `partition`, `split`,
  `removeprefix`, `removesuffix` or `get`, in a subscript, and as a key of a dict;
- any of these done to what `str(error)` gives, or to a `reason`, `problem`, `message`, `sentence`,
  `note` or `fact`.
"""

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "oo_desktop"

METHODS = frozenset(
    {
        "startswith",
        "endswith",
        "find",
        "rfind",
        "index",
        "rindex",
        "count",
        "replace",
        "partition",
        "rpartition",
        "split",
        "rsplit",
        "removeprefix",
        "removesuffix",
        "get",
        "setdefault",
    }
)
SAID = frozenset({"reason", "problem", "message", "sentence", "note", "fact", "outlook"})

ELSEWHERE = ("sandbox", "testing")
"""The sandbox is the services' side; testing names its cases, for who writes a connector."""

ALLOWED = {
    # A button's words stand beside what it does: nobody looks it up by them.
    "notifications/notices.py": {"Undo the last"},
    "notifications/reminders.py": {"f'Join “{name}”'"},
    # argparse says what is wrong in words alone.
    "cli/arguments.py": {"argument COMMAND: invalid choice", "message.startswith"},
}


def is_sentence(text: object) -> bool:
    """Whether `text` is for people: it has words, or ends as sentences do."""
    if not isinstance(text, str) or len(text) < 3:
        return False
    words = text.strip()
    return " " in words or (words[-1:] in ".…" and words[:-1].isalpha() and words[0].isupper())


class Finder(ast.NodeVisitor):
    """Finds what searches or compares sentences in one module."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[tuple[int, str]] = []
        self._sentences = dict(_constants(tree))
        self.visit(tree)

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        plain = any(isinstance(each, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for each in node.ops)
        for side in sides if plain else ():
            self._note(node, side)
            if _is_text_of(side):
                self._report(node, "str(error)")
        last = _is_said(node.comparators[-1])
        if last is not None and isinstance(node.ops[-1], ast.In | ast.NotIn):
            self._report(node, f"in {last}")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in METHODS:
            # What `get` gives where there is nothing is looked up by nobody.
            for each in node.args[:1] if called.attr in ("get", "setdefault") else node.args:
                self._note(node, each)
            said = _is_said(called.value)
            if said is not None and called.attr != "get":
                self._report(node, f"{said}.{called.attr}")
            if _is_text_of(called.value) and node.args:
                self._report(node, f"str(error).{called.attr}")
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._note(node, node.slice)
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        # A button's words stand beside what it does: nobody looks it up by them.
        if not (node.arg == "buttons" and isinstance(node.value, ast.Dict | ast.IfExp)):
            self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        for key in node.keys:
            if key is not None:
                self._note(node, key)
        self.generic_visit(node)

    def visit_MatchValue(self, node: ast.MatchValue) -> None:
        self._note(node, node.value)
        self.generic_visit(node)

    def _note(self, node: ast.AST, text: ast.expr) -> None:
        if isinstance(text, ast.Tuple | ast.List | ast.Set):
            for each in text.elts:
                self._note(node, each)
        elif isinstance(text, ast.Constant) and is_sentence(text.value):
            self._report(node, str(text.value))
        elif isinstance(text, ast.Name) and text.id in self._sentences:
            self._report(node, self._sentences[text.id])
        elif isinstance(text, ast.JoinedStr) and any(
            isinstance(part, ast.Constant) and is_sentence(part.value) for part in text.values
        ):
            self._report(node, ast.unparse(text))

    def _report(self, node: ast.AST, what: str) -> None:
        self.found.append((getattr(node, "lineno", 0), what))


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names of sentences, as a module gives them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.JoinedStr):
            text = node.value.value if isinstance(node.value, ast.Constant) else ""
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id.isupper() and is_sentence(text):
                    yield target.id, str(text)


def _is_said(node: ast.expr) -> str | None:
    """The name, where what it names is for people to read."""
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
    return name if isinstance(name, str) and name.lower() in SAID else None


def _is_text_of(node: ast.expr) -> bool:
    """Whether it is `str(error)`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "str"
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in {"error", "problem", "failure", "raised", "caught", "e"}
    )


def searched(source: str) -> list[str]:
    return [what for _, what in Finder(ast.parse(textwrap.dedent(source))).found]


def modules() -> list[Path]:
    return [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in ELSEWHERE
    ]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_sentence_is_searched_for_its_meaning(path: Path) -> None:
    allowed = ALLOWED.get(str(path.relative_to(PACKAGE)), set())
    found = Finder(ast.parse(path.read_text(encoding="utf-8"))).found
    assert [each for each in found if each[1] not in allowed] == []


@pytest.mark.parametrize(
    "source",
    [
        # How the polling interval of Google was found.
        """
        SOON = {"oO looks again in about two minutes.": 120.0}
        waits = (wait for words, wait in SOON.items() if problem.endswith(words))
        """,
        # How the transport's errors were told of a service.
        'raise type(error)(str(error).replace("The service", name))',
        # How a promise was taken off a sentence.
        'sentence, promise, _ = str(error).partition(". oO ")',
        'if str(error) == "The calendar did not answer.": pass',
        'GONE = "This is no longer there."\nif error.reason == GONE: pass',
        'if "slow down" in text: pass',
        'if "slow" in error.reason: pass',
        'if account.problem.startswith("x"): pass',
        'order = {"Later today": 1, "Tomorrow": 2}',
        'match heading:\n    case "Done today": pass',
        'rows["Not yet sent"] = 1',
        'sections.get("All day")',
        'if title in ("Past due", "Overdue"): pass',
        'if text == f"{count} clicks wait": pass',
    ],
)
def test_the_ways_it_was_done_before_are_found(source: str) -> None:
    assert searched(source)


@pytest.mark.parametrize(
    "source",
    [
        'if kind == "popup": pass',
        'link.partition("://")',
        'log.info("a new account waits to be stored: %s", note)',
        'raise Unavailable("Not now.")',
        'if host.endswith(".localhost"): pass',
        "problem = str(error)",
        "if reason is None or reason != self._problem: pass",
        '{"access_denied": "You did not give oO access."}',
    ],
)
def test_what_is_no_sentence_may_be_compared(source: str) -> None:
    assert searched(source) == []
