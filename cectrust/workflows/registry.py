"""Which function a workflow's name stands for, and what a workflow may say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from cectrust.work import Work

Reference = str | None
"""All that a step may return: an id, a digest or nothing. It lies in clear in the workflow tables."""

_REFERENCE = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}|[a-z0-9._-]{1,40}")


class Steps(Protocol):
    """How a workflow acts. A step that was recorded is not run again after a crash; its result is read."""

    def transaction(self, name: str, use: Callable[[Work], Reference]) -> Reference:
        """Work in the database alone: done and recorded in one transaction, so exactly once."""

    def outside(self, name: str, act: Callable[[Any], Reference]) -> Reference:
        """Work with outside effects, given the ``Platform``: at least once, so it must be idempotent.

        ``Unavailable``, ``Misconfigured``, ``OSError`` and a database that is gone are waited for without end, with
        pauses that grow to a quarter of an hour; every other error ends the workflow.
        """


WorkflowFunction = Callable[[Steps, str], None]
"""``(steps, id)``: the id is both the workflow's own and that of the row it works on. Deterministic outside steps."""

_functions: dict[str, WorkflowFunction] = {}


def workflow(name: str) -> Callable[[WorkflowFunction], WorkflowFunction]:
    """Register ``name`` (``signing.complete``); never reuse a name for other steps in another order."""

    def register(function: WorkflowFunction) -> WorkflowFunction:
        if name in _functions:
            raise ValueError(f"two workflows are called {name}")
        _functions[name] = function
        return function

    return register


def registered() -> dict[str, WorkflowFunction]:
    """All workflows of the rooms imported so far."""
    return dict(_functions)


def reference(value: object) -> Reference:
    """``value`` if it may be kept in clear; anything else is a programming error (``TypeError``)."""
    if value is None or (isinstance(value, str) and _REFERENCE.fullmatch(value)):
        return value
    raise TypeError(f"a step may return an id, a digest or None, not {type(value).__name__}")
