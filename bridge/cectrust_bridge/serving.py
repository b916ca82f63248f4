"""`cectrust-bridge run`: the front, its main window, and how both begin and end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from .doctor.attendance import Attendance
from .doctor.surroundings import Surroundings
from .formats import durable
from .profile.folder import Profile
from .protocol import PORTS
from .service import instance
from .service.bridge import Bridge
from .service.installation import Change
from .service.panel import Panel
from .transport.front import Front, bind

RETRY_SECONDS = 3.0


@dataclass(frozen=True)
class Options:
    """`port` None: the first free one. `window`: a main window is wanted; `minimised`: out of the way at first."""

    port: int | None = None
    prompter: str = "window"
    window: bool = True
    minimised: bool = False

    def has_window(self) -> bool:
        """Wanted and possible: a terminal's person has none, and neither has a computer without a screen."""
        on_screen = sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY"))
        return self.window and self.prompter == "window" and on_screen


async def _listening(ports: Sequence[int], panel: Panel | None) -> socket.socket:
    """A port. With a window that says so, a bridge waits until one is free; without, OSError tells its starter."""
    while True:
        try:
            return bind(ports)
        except OSError:
            if panel is None:
                raise
        await asyncio.sleep(RETRY_SECONDS)


async def _front(bridge: Bridge, options: Options, panel: Panel | None) -> None:
    """Serve until cancelled."""
    listening = await _listening(PORTS if options.port is None else (options.port,), panel)
    port = listening.getsockname()[1]
    server = await Front(bridge, bridge.profile.book, port).listen(listening)
    sys.stderr.write(f"cectrust-bridge listening on 127.0.0.1:{port} {bridge.tools.identity.bridge_id}\n")
    sys.stderr.flush()
    if panel is not None:
        panel.listening_on(port)
    try:
        await server.serve_forever()
    finally:
        server.close()
        await server.wait_closed()


async def serve(profile: Profile, options: Options) -> Change | None:
    """Until a signal or the person ends it, or the program has changed: what became of it.

    Raises AlreadyRunning, ValueError (files), OSError (ports).
    """
    profile.pairings()  # a wrong file stops the start, with a sentence that names it
    with instance.take(profile.folder):
        durable.sweep(profile.folder)
        bridge = Bridge(profile, options.prompter)
        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        panel = _panel(bridge, options, stopping) if options.has_window() else None
        if panel is not None:
            loop.add_signal_handler(instance.RAISE, panel.show)
            panel.show(options.minimised)
        forgetting = asyncio.create_task(bridge.tools.kept.forget_in_time())
        watching = asyncio.create_task(bridge.installation.watch(stopping.set, bridge.is_idle))
        try:
            await _until(stopping, _front(bridge, options, panel))
            return bridge.installation.ended_service
        finally:
            watching.cancel()
            forgetting.cancel()
            if panel is not None:
                panel.close()
            bridge.stop()


def _panel(bridge: Bridge, options: Options, stopping: asyncio.Event) -> Panel:
    around = Surroundings(bridge.profile, ports=PORTS if options.port is None else (options.port,))
    return Panel(bridge, stopping.set, Attendance(bridge, around).grant)


async def _until(stopping: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until the event; what it raises comes out."""
    working = asyncio.create_task(work)
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        waiting.cancel()
        working.result()
    else:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
