"""Counts the calls of ours between a beginning and what it leads to, across tasks as well."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from pathlib import Path
from typing import Any

import oo_desktop

PACKAGE = str(Path(oo_desktop.__file__).parent)

_before: ContextVar[tuple[str, ...]] = ContextVar("_before", default=())


def hops() -> tuple[str, ...]:
    """Our functions on the stack, outermost first: of this task, after those that began it."""
    frame = sys._getframe(1)  # the stack is what is asked for
    names: list[str] = []
    at: Any = frame
    while at is not None:
        if at.f_code.co_filename.startswith(PACKAGE):
            names.append(at.f_code.co_qualname)
        at = at.f_back
    return (*_before.get(), *reversed(names))


def follow_tasks(loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
    """Let each new task remember what began it; returns what ends that."""

    def make(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **more: Any
    ) -> "asyncio.Task[Any]":
        context = more.pop("context", None) or copy_context()
        context.run(_before.set, (*hops(), "[task]"))
        return asyncio.Task(work, loop=loop, context=context, **more)

    loop.set_task_factory(make)  # type: ignore[arg-type]  # a factory that takes any work
    return lambda: loop.set_task_factory(None)


def calls(found: tuple[str, ...]) -> int:
    """How many of them are calls."""
    return sum(name != "[task]" for name in found)
