"""The parent's side of a prompter process: asks, hands over pages, passes on the PIN's pipe unread."""

from __future__ import annotations

import contextlib
import os
import sys
import termios
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..channel import ChannelClosed, Message
from ..errors import ConsentTimeout, PinFinalTry, UserCancelled
from ..process import Child
from ..renderer import Page

Pages = Callable[[int, int, float], Awaitable[Page]]


class Prompter:
    """One conversation with the person. Raises UserCancelled and ConsentTimeout."""

    def __init__(self, kind: str, patience: float) -> None:
        """`patience`: seconds the person may be silent."""
        self._patience = patience
        self._tty = _terminal_state() if kind == "terminal" else None
        self._child = Child("prompter", kind, terminal=kind == "terminal")

    async def ask(self, question: Mapping[str, Any], pages: Pages | None = None) -> None:
        """Ask; returns only on a yes. `pages` renders what the person turns to."""
        await self._send(question)
        while True:
            message = await self._receive()
            if "page" in message.fields and pages is not None:
                await self._show(message.fields, pages)
            elif message.fields.get("answer") == "yes":
                return
            else:
                raise UserCancelled

    async def ask_pin(self, token: Mapping[str, Any]) -> int:
        """The readable end of a pipe that holds the PIN; the caller closes it, nobody here reads it."""
        return await self._ask_secret({"ask": "pin", "token": dict(token)})

    async def ask_pin_change(self, token: Mapping[str, Any]) -> int:
        """As `ask_pin`, with the old and the new PIN as `pinpipe` puts them."""
        return await self._ask_secret({"ask": "change_pin", "token": dict(token)})

    async def _ask_secret(self, question: Mapping[str, Any]) -> int:
        readable, writable = os.pipe()
        try:
            await self._send(question, [writable])
            answer = (await self._receive()).fields.get("answer")
            if answer != "yes":
                raise _declined(question["token"])
        except BaseException:
            os.close(readable)
            raise
        finally:
            os.close(writable)
        return readable

    async def tell(self, outcome: str) -> None:
        """Say how it ended. It may be too late for that."""
        with contextlib.suppress(UserCancelled):
            await self._send({"done": outcome})

    def close(self, at_once: bool) -> None:
        """End the window; `at_once` when it was cancelled elsewhere."""
        if at_once:
            self._child.kill()
        self._child.close()
        if self._tty is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, self._tty)

    async def _show(self, wanted: Mapping[str, Any], pages: Pages) -> None:
        page = await pages(wanted["document"], wanted["page"], wanted["scale"])
        facts = {"width": page.width, "height": page.height, "pixels": page.pixels_sha256, "text": page.text}
        await self._send(facts, blob=page.rgb)

    async def _send(self, fields: Mapping[str, Any], descriptors: list[int] | None = None, blob: bytes = b"") -> None:
        try:
            await self._child.send(fields, blob, descriptors or [])
        except ChannelClosed as error:
            raise UserCancelled("the window is gone") from error

    async def _receive(self) -> Message:
        try:
            return await self._child.receive(self._patience)
        except TimeoutError as error:
            raise ConsentTimeout from error
        except ChannelClosed as error:
            raise UserCancelled("the window was closed") from error


def _declined(token: Mapping[str, Any]) -> UserCancelled | PinFinalTry:
    """Not risking the last try is told apart: the page can then say what to do."""
    return PinFinalTry(pin_state="final") if token["pin_state"] == "final" else UserCancelled()


def _terminal_state() -> list[Any] | None:
    """How the terminal was, so that a killed prompter does not leave it without echo."""
    return termios.tcgetattr(0) if sys.stdin is not None and os.isatty(0) else None
