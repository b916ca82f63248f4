"""The PIN of one act: asked for in the window or by the token itself, handed on unread."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..errors import PinChangeRequired, PinLocked
from ..tokens.model import Token
from . import consent
from .prompter import Prompter

Outcome = TypeVar("Outcome")
Act = Callable[[int | None], Awaitable[Outcome]]
"""Acts with the PIN's pipe, None if the token asks on its own keys."""


def check_usable(token: Token) -> None:
    """PinLocked, PinChangeRequired: a token that would refuse is not asked, and neither is its person."""
    if token.pin_state == "locked":
        raise PinLocked
    if token.pin_state == "change_required":
        raise PinChangeRequired


async def with_pin(prompter: Prompter, token: Token, act: Act[Outcome]) -> Outcome:
    """Ask for the PIN and act. Raises what `check_usable` does."""
    check_usable(token)
    if token.protected_path:
        await prompter.show_pinpad(consent.token(token))
        return await act(None)
    pin = await prompter.ask_pin(consent.token(token))
    try:
        return await act(pin)
    finally:
        os.close(pin)
