"""Read the part of Todoist's filter language that matters (help: "Introduction to filters").

    expression = term { "|" term }      term = factor { "&" factor }
    factor     = "!" factor | "(" expression ")" | atom

Date words look at the due date, else at the deadline, in the account's zone. A comma (several
lists) is not supported by the API, and anything unknown is an error, code 55. Not documented, so
chosen: a task with a time earlier today is overdue, and English is understood whatever `lang` says.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase

from oo_desktop.sandbox.todoist.due import NotADate, SandboxDue, moment_from_due
from oo_desktop.sandbox.todoist.errors import bad_filter
from oo_desktop.sandbox.todoist.state import SandboxTask, TodoistAccount

_TOKENS = re.compile(r"\s*(?:([()&|!])|((?:\\.|[^()&|!,\\])+))")
_SPAN = re.compile(r"(?:next )?(\d{1,4}) days")
_BEFORE = re.compile(r"(?:due|date) (before|after): ?(.+)")
_OFFSET = re.compile(r"([+-]?\d{1,4}) ?(hours?|days?)")
_MAX_NESTED = 100


class FilterView:
    """Holds what a filter looks at: one account at one time."""

    def __init__(self, account: TodoistAccount, now: datetime) -> None:
        self.account = account
        self.now = now.astimezone(account.zoneinfo)
        self.today = self.now.date()

    def when(self, task: SandboxTask) -> tuple[date, datetime | None] | None:
        """Return day and instant (None: all day) of the due date, or the day of the deadline."""
        due = task.due or (SandboxDue(date=task.deadline) if task.deadline else None)
        if due is None:
            return None
        try:
            return moment_from_due(due, self.account.zoneinfo)
        except NotADate:
            return None

    def day(self, task: SandboxTask) -> date | None:
        when = self.when(task)
        return when[0] if when else None

    def project_name(self, task: SandboxTask) -> str:
        return self.account.projects[task.project_id].name.lower()


Predicate = Callable[[SandboxTask, FilterView], bool]


def predicate_from_query(query: str) -> Predicate:
    """Parse a filter text. Raises TodoistApiError (code 55) for whatever it does not understand."""
    return _FilterParser(_tokens(query)).parsed()


def _tokens(query: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    query = query.rstrip()
    while at < len(query):
        match = _TOKENS.match(query, at)
        if not match:
            raise bad_filter()
        tokens.append(match[1] or match[2].strip())
        at = match.end()
    return tokens


class _FilterParser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._depth = 0

    def parsed(self) -> Predicate:
        found = self._expression()
        if self._tokens:
            raise bad_filter()
        return found

    def _expression(self) -> Predicate:
        found = self._term()
        while self._accept("|"):
            found = _either(found, self._term())
        return found

    def _term(self) -> Predicate:
        found = self._factor()
        while self._accept("&"):
            found = _both(found, self._factor())
        return found

    def _factor(self) -> Predicate:
        self._depth += 1
        if self._depth > _MAX_NESTED or not self._tokens:
            raise bad_filter()
        token = self._tokens.pop(0)
        if token == "!":
            found = _not(self._factor())
        elif token == "(":
            found = self._expression()
            if not self._accept(")"):
                raise bad_filter()
        elif token in {"&", "|", ")", ""}:
            raise bad_filter()
        else:
            found = _atom(token)
        self._depth -= 1
        return found

    def _accept(self, token: str) -> bool:
        if self._tokens and self._tokens[0] == token:
            self._tokens.pop(0)
            return True
        return False


def _either(left: Predicate, right: Predicate) -> Predicate:
    return lambda task, view: left(task, view) or right(task, view)


def _both(left: Predicate, right: Predicate) -> Predicate:
    return lambda task, view: left(task, view) and right(task, view)


def _not(inner: Predicate) -> Predicate:
    return lambda task, view: not inner(task, view)


def _overdue(task: SandboxTask, view: FilterView) -> bool:
    when = view.when(task)
    if when is None:
        return False
    day, moment = when
    return day < view.today or (moment is not None and moment < view.now)


def _due_in(days: int) -> Predicate:
    return lambda task, view: view.day(task) == view.today + timedelta(days=days)


_WORDS: dict[str, Predicate] = {
    "today": _due_in(0),
    "tod": _due_in(0),
    "tomorrow": _due_in(1),
    "yesterday": _due_in(-1),
    "overdue": _overdue,
    "over due": _overdue,
    "od": _overdue,
    "no date": lambda task, view: view.day(task) is None,
    "no due date": lambda task, view: view.day(task) is None,
    "no time": lambda task, view: (view.when(task) or (None, None))[1] is None,
    "no deadline": lambda task, _: task.deadline is None,
    "recurring": lambda task, _: task.due is not None and task.due.is_recurring,
    "view all": lambda _, __: True,
    "all": lambda _, __: True,
    "no priority": lambda task, _: task.priority == 1,
    "no labels": lambda task, _: not task.labels,
    "no label": lambda task, _: not task.labels,
    "subtask": lambda task, _: task.parent_id is not None,
    "assigned": lambda task, _: task.responsible_uid is not None,
    "assigned to: me": lambda task, view: task.responsible_uid == view.account.id,
    "assigned to: others": lambda task, view: task.responsible_uid not in {None, view.account.id},
}


def _atom(text: str) -> Predicate:
    words = " ".join(text.lower().split())
    words = re.sub(r"\s*:\s*", ": ", words)
    if words in _WORDS:
        return _WORDS[words]
    if words in {"p1", "p2", "p3", "p4"}:
        # The interface counts down to p1; the API counts up to 4 for the same thing.
        wanted = 5 - int(words[1])
        return lambda task, _: task.priority == wanted
    if words[0] in "@#":
        return _named(re.sub(r"\\(.)", r"\1", text.strip().lower()))
    if words.startswith("search: "):
        needle = words.removeprefix("search: ")
        return lambda task, _: needle in task.content.lower()
    if match := _SPAN.fullmatch(words):
        days = int(match[1])
        return lambda task, view: _within(view.day(task), view.today, days)
    if match := _BEFORE.fullmatch(words):
        return _compared(match[1] == "before", match[2])
    raise bad_filter()


def _within(day: date | None, today: date, days: int) -> bool:
    return day is not None and today <= day < today + timedelta(days=days)


def _named(text: str) -> Predicate:
    name = text.lstrip("@#")
    if not name or text[: len(text) - len(name)] not in {"@", "#", "##"}:
        raise bad_filter()
    if text.startswith("@"):
        return lambda task, _: any(fnmatchcase(label.lower(), name) for label in task.labels)
    if not text.startswith("##"):
        return lambda task, view: fnmatchcase(view.project_name(task), name)
    return lambda task, view: any(fnmatchcase(above, name) for above in _lineage(task, view))


def _lineage(task: SandboxTask, view: FilterView) -> list[str]:
    names: list[str] = []
    project = view.account.projects.get(task.project_id)
    while project is not None:
        names.append(project.name.lower())
        project = view.account.projects.get(project.parent_id or "")
    return names


def _compared(before: bool, text: str) -> Predicate:
    limit = _limit_from_text(text)

    def compare(task: SandboxTask, view: FilterView) -> bool:
        when = view.when(task)
        if when is None:
            return False
        day, moment = when
        moment = moment or datetime.combine(day, datetime.min.time(), view.now.tzinfo)
        return moment < limit(view) if before else moment > limit(view)

    return compare


def _limit_from_text(text: str) -> Callable[[FilterView], datetime]:
    def midnight(view: FilterView, day: date) -> datetime:
        return datetime.combine(day, datetime.min.time(), view.now.tzinfo)

    if match := _OFFSET.fullmatch(text):
        amount = int(match[1])
        if match[2].startswith("hour"):
            return lambda view: view.now + timedelta(hours=amount)
        return lambda view: midnight(view, view.today + timedelta(days=amount))
    named = {"today": 0, "tomorrow": 1}
    if text in named:
        return lambda view: midnight(view, view.today + timedelta(days=named[text]))
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise bad_filter() from error
    return lambda view: midnight(view, day)
