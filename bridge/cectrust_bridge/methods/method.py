"""What the connection needs to know of a method before it calls it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..service.conversation import Conversation

Act = Callable[[Conversation, Mapping[str, Any]], Awaitable[dict[str, Any]]]
REQUEST = frozenset({"request", "request_key"})
"""Parameters of whatever touches a token."""


@dataclass(frozen=True)
class Method:
    """`parameters` are exactly the members of `params`. What runs `beside` lets cancels and pings through."""

    name: str
    parameters: frozenset[str]
    act: Act
    beside: bool = False
