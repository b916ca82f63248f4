"""Starts, asks and kills the bridge's own child processes: token workers, the renderer, the windows."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from .channel import Channel, ChannelClosed, Message

GRACE = 1.0


class Child:
    """One child process and the channel to it. One conversation at a time; `kill` may come from anywhere."""

    def __init__(self, role: str, *arguments: str, terminal: bool = False) -> None:
        """Start it. Only `terminal` children inherit stdin and stdout; none inherits another socket."""
        ours, theirs = socket.socketpair()
        silent = None if terminal else subprocess.DEVNULL
        with theirs:
            self._process = subprocess.Popen(
                self.command(role, theirs.fileno(), arguments),
                pass_fds=[theirs.fileno()],
                stdin=silent,
                stdout=silent,
            )
        self._channel = Channel(ours)

    def command(self, role: str, descriptor: int, arguments: Iterable[str]) -> list[str]:
        """A frozen bridge is its own interpreter; both reach `children.main`."""
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "cectrust_bridge"]
        return [*program, "child", role, str(descriptor), *arguments]

    @property
    def pid(self) -> int:
        """Process id, for the log."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Has it not ended yet?"""
        return self._process.poll() is None

    async def send(self, fields: Mapping[str, Any], blob: bytes = b"", descriptors: Iterable[int] = ()) -> None:
        """Send one message without blocking the loop."""
        await asyncio.to_thread(self._channel.send, fields, blob, list(descriptors))

    async def receive(self, timeout: float | None) -> Message:
        """The next message; TimeoutError after `timeout` seconds, ChannelClosed when the process is gone."""
        self._channel.set_timeout(timeout)
        try:
            return await asyncio.to_thread(self._channel.receive)
        except asyncio.CancelledError:
            # The thread still waits in recv(); only the end of the process wakes it.
            self.kill()
            raise

    async def ask(self, fields: Mapping[str, Any], timeout: float | None, descriptors: Iterable[int] = ()) -> Message:
        """Send and receive."""
        await self.send(fields, descriptors=descriptors)
        return await self.receive(timeout)

    def kill(self) -> None:
        """End it at once; safe to repeat."""
        if self.is_alive():
            self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Let it end by itself, or end it after a moment."""
        self._channel.close()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.kill()


__all__ = ["ChannelClosed", "Child", "Message"]
