"""One act of a token that the person is asked for: consent, PIN, act, and how it ended."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ..display import visible
from ..errors import BridgeError, PinChangedElsewhere, PinLocked
from ..profile import keystores
from ..prompters import consent
from ..prompters.pin_entry import Act, Outcome, with_pin
from ..prompters.prompter import Prompter
from ..tokens.kinds import PKCS12_MODEL, StoreSetting
from ..tokens.model import Token
from .bridge import Bridge

PIN_LENGTHS = (4, 64)
"""What a window lets through; each token knows its own limits and refuses beyond them."""


@asynccontextmanager
async def person(bridge: Bridge, done: str) -> AsyncIterator[Prompter]:
    """A window for one errand; at the end it says `done` or what went wrong, and closes."""
    prompter, outcome = bridge.tools.prompter(), ""
    try:
        yield prompter
        outcome = done
    except BridgeError as error:
        outcome = error.name
        raise
    finally:
        if outcome:
            await prompter.tell(outcome)
        await prompter.close(at_once=not outcome)


def check_pin_change(token: Token) -> None:
    """PinLocked, or PinChangedElsewhere: a PIN meant for the token's own keys is never typed on a computer."""
    if token.pin_state == "locked":
        raise PinLocked
    if token.protected_path:
        raise PinChangedElsewhere


async def change_pin(bridge: Bridge, prompter: Prompter, token: Token) -> Token:
    """Another PIN for this token, which is returned as it is afterwards. PinRejected leaves the old one."""
    check_pin_change(token)
    pins = await prompter.ask_new_pin(consent.token(token), *PIN_LENGTHS)
    try:
        await bridge.tools.modules.change_pin(token, pins)
    finally:
        os.close(pins)
    return await bridge.tools.modules.token(token.module, token.serial, token.model)


async def change_pin_of(bridge: Bridge, token: Token) -> None:
    """`change_pin` as an errand of its own: from this computer's window or command line, never from a page."""
    check_pin_change(token)
    with bridge.occupied():
        async with person(bridge, "pin changed") as prompter:
            await change_pin(bridge, prompter, token)


async def add_file(bridge: Bridge, file: Path) -> StoreSetting:
    """A PKCS#12 file as another key store, as `keystores.add`; the window asks for its password."""
    folder, file = bridge.profile.folder, file.resolve()
    keystores.check(folder, file)
    asked = {"label": visible(file.name), "serial": "", "model": PKCS12_MODEL, "pin_state": "normal"}
    with bridge.occupied():
        async with person(bridge, "added") as prompter:
            pin = await prompter.ask_pin(asked)
            try:
                return await keystores.add(folder, file, pin, bridge.tools.modules.names())
            finally:
                os.close(pin)


async def consented(bridge: Bridge, question: Mapping[str, Any], token: Token, act: Act[Outcome], done: str) -> Outcome:
    """Consent, PIN, act."""
    async with person(bridge, done) as prompter:
        await prompter.ask(question)
        return await with_pin(prompter, token, act)
