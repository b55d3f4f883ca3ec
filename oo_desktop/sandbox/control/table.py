"""Describe actions: each is one function of the world and parameters, and a row of the table.

A row holds name, parameters with their types and defaults, what the action does (its docstring),
and the buttons and the form the page has for it. The page and the JSON API are made from it.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from enum import Enum, StrEnum
from typing import Any, get_args, get_type_hints

from oo_desktop.sandbox.world import World

Given = Mapping[str, Any]
"""Parameters from JSON, or from a form, where everything is a text."""


class BadParameter(Exception):
    """Says which parameter an action cannot use, and why."""


class ButtonGroup(StrEnum):
    """Names the page's groups of buttons, in its order."""

    CONNECTION = "Connection"
    TODOIST = "Sign-in at Todoist"
    GOOGLE = "Sign-in at Google"
    CALDAV = "Sign-in at the calendar server"
    FOOTER = ""


@dataclass(frozen=True)
class Button:
    """Holds a button of the page: its words, and what it gives the action.

    style: its class; `alarm` and `primary` stand out. shown: while it is there. pressed: while it
    marks what is the case now.
    """

    label: str
    group: ButtonGroup
    fields: Mapping[str, object] = field(default_factory=dict)
    style: str = ""
    shown: Callable[[World], bool] = lambda _: True
    pressed: Callable[[World], bool] = lambda _: False


@dataclass(frozen=True)
class Input:
    """Holds a field of a form; the name is a parameter's.

    label: for those who do not see it. value: what is in it at first. choices: value and words.
    """

    name: str
    label: str
    value: str = ""
    placeholder: str = ""
    wide: bool = False
    choices: Callable[[World], Sequence[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class Form:
    """Holds a form of the page. hint: words beside its button. after: HTML below it."""

    heading: str
    inputs: Sequence[Input]
    hint: str = ""
    after: str = ""


@dataclass(frozen=True)
class Parameter:
    """Holds one thing an action can be given, by its name in JSON and in forms."""

    name: str
    type: Any
    required: bool = False

    def read(self, value: object) -> object:
        """Return `value` as the parameter's type. Raises BadParameter."""
        kinds = get_args(self.type) or (self.type,)
        if value is None and type(None) in kinds:
            return None
        kind = kinds[0]
        if kind is bool:
            return value in (True, "true", "on", "1", 1)
        if isinstance(kind, type) and issubclass(kind, Enum):
            known = [str(each.value) for each in kind]
            return kind(one_of(self.name, str(value), known))
        if kind in (int, float):
            return kind(number(self.name, value))
        return str(value) if kind is str else value


def parameters_of(kind: type, *names: str) -> tuple[Parameter, ...]:
    """Return what some attributes of a dataclass can be given: for actions that change them."""
    hints = get_type_hints(kind)
    return tuple(Parameter(name, hints[name]) for name in names)


@dataclass(frozen=True, kw_only=True)
class ControlAction:
    """Holds a row of the table.

    groups: for each argument of `run`, the parameters it is made of: one, or those of a dataclass.
    changes: more, which are handed on only where they are given. free: so is everything else.
    """

    name: str
    does: str
    run: Callable[..., object]
    groups: Mapping[str, tuple[Any, tuple[Parameter, ...]]]
    changes: tuple[Parameter, ...]
    free: bool
    buttons: tuple[Button, ...]
    form: Form | None

    @property
    def parameters(self) -> Iterator[Parameter]:
        """Yield everything it knows."""
        for _, group in self.groups.values():
            yield from group
        yield from self.changes

    def __call__(self, world: World, given: Given) -> object:
        """Carry it out. Raises BadParameter; what it does not know is ignored."""
        known = {each.name for each in self.parameters}
        read = {
            each.name: each.read(given[each.name]) for each in self.parameters if each.name in given
        }
        for each in self.parameters:
            if each.required and each.name not in read:
                raise BadParameter(f"{each.name} is missing")
        arguments: dict[str, object] = {}
        for name, (kind, group) in self.groups.items():
            own = {each.name: read[each.name] for each in group if each.name in read}
            if isinstance(kind, type) and is_dataclass(kind):
                arguments[name] = kind(**own)
            else:
                arguments |= own
        arguments |= {each.name: read[each.name] for each in self.changes if each.name in read}
        if self.free:
            arguments |= {key: value for key, value in given.items() if key not in known}
        answer = self.run(world, **arguments)
        return {} if answer is None else answer


def action(
    *buttons: Button, form: Form | None = None, changes: tuple[Parameter, ...] = ()
) -> Callable[[Callable[..., object]], ControlAction]:
    """Make a row of a function of the world and arguments; their types say what is read.

    An argument that is a dataclass is made of the parameters that are its fields.
    """

    def made(run: Callable[..., object]) -> ControlAction:
        hints = get_type_hints(run)
        _, *arguments = inspect.signature(run).parameters.values()
        free = any(each.kind is each.VAR_KEYWORD for each in arguments)
        return ControlAction(
            name=run.__name__,
            does=inspect.cleandoc(run.__doc__ or ""),
            run=run,
            groups={
                each.name: (hints[each.name], _group(each, hints[each.name]))
                for each in arguments
                if each.kind is not each.VAR_KEYWORD
            },
            changes=changes,
            free=free and not changes,
            buttons=buttons,
            form=form,
        )

    return made


def _group(argument: inspect.Parameter, kind: Any) -> tuple[Parameter, ...]:
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return tuple(
            Parameter(each.name, hints[each.name], required=each.default is MISSING)
            for each in fields(kind)
        )
    return (Parameter(argument.name, kind, required=argument.default is argument.empty),)


def number(name: str, value: object) -> float:
    """Read a number, or the text of one. Raises BadParameter."""
    try:
        return float(value)  # type: ignore[arg-type]  # what is none raises
    except (TypeError, ValueError) as error:
        raise BadParameter(f"{name} must be a number") from error


def one_of(name: str, value: str, known: Sequence[str]) -> str:
    """Return `value`, one of those that are known. Raises BadParameter."""
    if value not in known:
        raise BadParameter(f"{name} must be one of {', '.join(known)}")
    return value
