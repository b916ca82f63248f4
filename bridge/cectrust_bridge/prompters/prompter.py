"""The parent's side of a prompter process: asks, hands over pages, passes on the PIN's pipe unread.

Messages to the process: a question `{"ask", "patience", …}`, the pixels of a page, or `{"done": outcome}`.
From it: `{"page", "document", "scale" | "width"}` for a page, `{"alive": true}` when the person does something,
and one `{"answer": "yes" | "no"}` for each question. Questions are `list`, `sign`, `act`, `pin`, `change_pin`, `pinpad`
(which only tells, and has no answer). `pin` and `change_pin` come with the writable end of a pipe, into which the
window writes the PIN as UTF-8, or the old and the new one as `pins` packs them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..documents.renderer import Page, Zoom
from ..errors import ConsentTimeout, PinFinalTry, UserCancelled
from ..processes.channel import ChannelClosed, Message
from ..processes.process import Child

Pages = Callable[[int, int, Zoom], Awaitable[Page]]


class Prompter:
    """One conversation with the person. Raises UserCancelled and ConsentTimeout."""

    def __init__(self, kind: str, patience: float, look: str) -> None:
        """`patience`: seconds the person may be silent; `look`: how windows look, as `Look.as_argument` writes it."""
        self._patience = patience
        self._tty = _terminal_state() if kind == "terminal" else None
        self._child = Child("prompter", kind, look, terminal=kind == "terminal")

    async def ask(self, question: Mapping[str, Any], pages: Pages | None = None) -> None:
        """Ask; returns only on a yes. `pages` renders what the person turns to."""
        await self._send({**question, "patience": self._patience})
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

    async def ask_new_pin(self, token: Mapping[str, Any], low: int, high: int) -> int:
        """The same for old and new PIN (`pins.unpack(octets, 2)`); the new one has `low` to `high` characters."""
        return await self._ask_secret({"ask": "change_pin", "token": dict(token), "lengths": [low, high]})

    async def show_pinpad(self, token: Mapping[str, Any]) -> None:
        """Say that the token asks on its own keys."""
        await self._send({"ask": "pinpad", "token": dict(token), "patience": self._patience})

    async def _ask_secret(self, question: Mapping[str, Any]) -> int:
        readable, writable = os.pipe()
        try:
            await self._send({**question, "patience": self._patience}, [writable])
            if (await self._receive()).fields.get("answer") != "yes":
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

    def is_alive(self) -> bool:
        """Could it still ask?"""
        return self._child.is_alive()

    def discard(self) -> None:
        """End it unused."""
        self._child.kill()
        self._child.close()
        self._restore_terminal()

    async def close(self, at_once: bool) -> None:
        """End the window; `at_once` when it was cancelled elsewhere. Others are served while it takes its leave."""
        try:
            if at_once:
                self._child.kill()
            await asyncio.to_thread(self._child.close)
        finally:
            self._restore_terminal()

    def _restore_terminal(self) -> None:
        if self._tty is not None:
            import termios  # not on every system

            termios.tcsetattr(0, termios.TCSADRAIN, self._tty)

    async def _show(self, wanted: Mapping[str, Any], pages: Pages) -> None:
        zoom = Zoom(scale=wanted.get("scale", 1.0), width=wanted.get("width"))
        page = await pages(wanted["document"], wanted["page"], zoom)
        facts = {"width": page.width, "height": page.height, "pixels": page.pixels_sha256, "text": page.text}
        await self._send(facts, blob=page.rgb)

    async def _send(self, fields: Mapping[str, Any], descriptors: list[int] | None = None, blob: bytes = b"") -> None:
        try:
            await self._child.send(fields, blob, descriptors or [])
        except ChannelClosed as error:
            raise UserCancelled("the window is gone") from error

    async def _receive(self) -> Message:
        """The next message that is more than a sign of life."""
        try:
            while "alive" in (message := await self._child.receive(self._patience)).fields:
                pass
            return message
        except TimeoutError as error:
            raise ConsentTimeout from error
        except ChannelClosed as error:
            raise UserCancelled("the window was closed") from error


def _declined(token: Mapping[str, Any]) -> UserCancelled | PinFinalTry:
    """Not risking the last try is told apart: the page can then say what to do."""
    return PinFinalTry(pin_state="final") if token["pin_state"] == "final" else UserCancelled()


def _terminal_state() -> list[Any] | None:
    """How the terminal was, so that a killed prompter does not leave it without echo."""
    if sys.stdin is None or not os.isatty(0):
        return None
    import termios  # not on every system

    return termios.tcgetattr(0)
