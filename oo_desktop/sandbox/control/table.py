"""Describe actions: each is one function of world and parameters, and a row of the table.

A row holds name, parameters with their types and defaults, what the action does (its docstring),
and the buttons and the form the page has for it. The page and the JSON API are made from it.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Final, get_args, get_type_hints

from oo_desktop.sandbox.world import World

Given = Mapping[str, Any]
"""Parameters from JSON, or from a form, where everything is a text."""


class Unset(Enum):
    """Stands for a parameter that was not given, where null means something else."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


class BadParameter(Exception):
    """Says which parameter an action cannot use, and why."""


class Group(StrEnum):
    """Names the page's groups of buttons, in its order."""

    CONNECTION = "Connection"
    TODOIST = "Sign-in at Todoist"
    GOOGLE = "Sign-in at Google"
    FOOTER = ""


@dataclass(frozen=True, kw_only=True)
class Button:
    """Holds a button of the page: its words, and what it gives the action.

    style: its class; `alarm` and `primary` stand out. shown: while it is there. pressed: while it
    marks what is the case now.
    """

    label: str
    group: Group
    fields: Mapping[str, object] = field(default_factory=dict)
    style: str = ""
    shown: Callable[[World], bool] = lambda _: True
    pressed: Callable[[World], bool] = lambda _: False


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
class Form:
    """Holds a form of the page. hint: words beside its button."""

    heading: str
    inputs: tuple[Input, ...]
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Holds what an action can be given; `keyword` is what its function calls it."""

    name: str
    keyword: str
    type: Any
    default: object

    @property
    def required(self) -> bool:
        """Return whether nothing goes without it."""
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True, kw_only=True)
class Action:
    """Holds a row of the table. free: it takes parameters beside those that are named."""

    name: str
    does: str
    parameters: tuple[Parameter, ...]
    free: bool
    run: Callable[..., object]
    buttons: tuple[Button, ...]
    form: Form | None

    def __call__(self, world: World, given: Given) -> object:
        """Carry it out. Raises BadParameter; what it does not know is ignored."""
        named = {
            each.keyword: _read(each, given[each.name])
            for each in self.parameters
            if each.name in given
        }
        for each in self.parameters:
            if each.required and each.name not in given:
                raise BadParameter(f"{each.name} is missing")
        known = {each.name for each in self.parameters}
        more = {key: value for key, value in given.items() if key not in known}
        return self.run(world, **named, **(more if self.free else {}))

    def described(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "does": self.does,
            "parameters": {each.name: _kind(each.type) for each in self.parameters},
        }


def action(*buttons: Button, form: Form | None = None) -> Callable[[Callable[..., object]], Action]:
    """Make a row of a function of the world and named parameters; their types say what is read."""

    def made(run: Callable[..., object]) -> Action:
        hints = get_type_hints(run)
        _, *parameters = inspect.signature(run).parameters.values()
        return Action(
            name=run.__name__,
            does=inspect.cleandoc(run.__doc__ or ""),
            parameters=tuple(
                Parameter(
                    name=each.name.rstrip("_"),
                    keyword=each.name,
                    type=hints[each.name],
                    default=each.default,
                )
                for each in parameters
                if each.kind is each.KEYWORD_ONLY
            ),
            free=any(each.kind is each.VAR_KEYWORD for each in parameters),
            run=run,
            buttons=buttons,
            form=form,
        )

    return made


def _types(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, without Unset."""
    return tuple(each for each in get_args(annotation) or (annotation,) if each is not Unset)


def _kind(annotation: Any) -> str:
    names = ["null" if each is type(None) else each.__name__ for each in _types(annotation)]
    return " or ".join(names)


def _read(parameter: Parameter, value: object) -> object:
    """A value as the parameter's type. Raises BadParameter."""
    types = _types(parameter.type)
    if value is None and type(None) in types:
        return None
    kind = types[0]
    if kind is bool:
        return value in (True, "true", "on", "1", 1)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError as error:
            known = ", ".join(str(each.value) for each in kind)
            raise BadParameter(f"{parameter.name} must be one of {known}") from error
    if kind in (int, float):
        return kind(number(parameter.name, value))
    return str(value) if kind is str else value


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
