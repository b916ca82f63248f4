"""The front's side of the main window: a process that shows how the bridge stands, and its person's wishes.

To the window: `{"show": "state" | "tokens" | "outcome" | "pin" | "file" | "doctor" | "raise", …}`. From it:
`{"wish": "tokens"}`, `{"wish": "pair", "address", "code"}`, `{"wish": "unpair", "issuer"}`,
`{"wish": "change_pin", "device"}`,
`{"wish": "add_file", "path"}`, `{"wish": "remove_file", "name"}`, `{"wish": "look", "language", "percent"}`,
`{"wish": "doctor", "do", …}` (`doctor.attendance`; what comes of it is shown as `doctor`), `{"wish": "quit"}`.
The window may crash or be closed at any time: the front goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from ..display import visible
from ..errors import BridgeError
from ..pairing.errors import PairingError, RecordsUnusable
from ..processes.channel import ChannelClosed
from ..processes.process import Child
from ..profile import keystores
from ..profile.keystore_errors import ProfileBroken
from ..tokens.kinds import StoreSetting
from ..tokens.rights import readable_by_others
from ..windows.look import Look, choose, chosen
from . import ceremony, errand, standing
from .bridge import Bridge

Tell = Callable[[Mapping[str, Any]], Awaitable[None]]
Doctor = Callable[[Mapping[str, Any], Tell], Awaitable[None]]
"""Grants a wish about this computer, and tells how it goes."""
log = logging.getLogger(__name__)


class Panel:
    """At most one main window. `quit` ends the bridge."""

    def __init__(self, bridge: Bridge, quit_bridge: Callable[[], None], doctor: Doctor) -> None:
        self._bridge, self._quit, self._doctor = bridge, quit_bridge, doctor
        self._port: int | None = None
        self._child: Child | None = None
        self._sending = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._added: list[StoreSetting] = []

    def show(self, minimised: bool = False) -> None:
        """Open the window, or bring it forward."""
        if self._child is not None and self._child.is_alive():
            self._start(self._send(self._child, {"show": "raise"}))
            return
        look = chosen(self._bridge.profile.look_file)
        self._child = Child("panel", look.as_argument(), "minimised" if minimised else "normal")
        self._start(self._attend(self._child))

    def listening_on(self, port: int) -> None:
        """A port was got: say so."""
        self._port = port
        self._start(self._tell_state())

    def close(self) -> None:
        """End the window."""
        if self._child is not None:
            self._child.kill()

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attend(self, child: Child) -> None:
        with contextlib.suppress(ChannelClosed):
            await self._tell_state()
            self._start(self._tell_tokens())
            while True:
                self._start(self._grant((await child.receive(None)).fields))
        await asyncio.to_thread(child.close)  # it may take its moment to end

    async def _send(self, child: Child | None, fields: Mapping[str, Any]) -> None:
        """Whole messages only: several tasks may have something to say."""
        async with self._sending:
            if child is not None and child.is_alive():
                with contextlib.suppress(ChannelClosed):
                    await child.send(fields)

    async def _tell_state(self) -> None:
        state = standing.of_bridge(self._port, self._bridge.profile.book)
        await self._send(self._child, {"show": "state", **state})

    async def _tell_tokens(self) -> None:
        with contextlib.suppress(ValueError):  # a file in keystores/ that is not ours: the shelf has logged it
            self._added = keystores.added(self._bridge.profile.folder)
        found = await standing.of_tokens(self._bridge.tools.modules, self._added)
        await self._send(self._child, {"show": "tokens", **found})

    async def _grant(self, wish: Mapping[str, Any]) -> None:
        """Each beside the others: a server that answers slowly holds up nothing."""
        if wish["wish"] == "quit":
            self._quit()
        elif wish["wish"] == "tokens":
            await self._tell_tokens()
        elif wish["wish"] == "change_pin":
            await self._change_pin(wish["device"])
        elif wish["wish"] in ("add_file", "remove_file"):
            await self._change_files(wish)
        elif wish["wish"] == "doctor":
            await self._doctor(wish, self._tell_of_doctor)
            await self._tell_state()
        elif wish["wish"] == "look":
            self._change_look(Look(wish["language"], wish["percent"]))
        else:
            await self._send(self._child, {"show": "outcome", **await self._outcome(wish)})
            await self._tell_state()

    async def _tell_of_doctor(self, told: Mapping[str, Any]) -> None:
        await self._send(self._child, {"show": "doctor", **told})

    async def _change_pin(self, device: Mapping[str, str]) -> None:
        """In the window that takes PINs, like every other; this one only hears how it ended."""
        try:
            await errand.change_pin_of(self._bridge, await self._bridge.tools.modules.token(**device))
            ended = {"of": "changed"}
        except BridgeError as error:
            ended = _failed(error)
        await self._tell_tokens()
        await self._send(self._child, {"show": "pin", **ended})

    async def _change_files(self, wish: Mapping[str, str]) -> None:
        """The list first: its own sentences would wipe out how it ended."""
        try:
            ended = await self._file(wish)
        except BridgeError as error:
            ended = _failed(error)
        except (ValueError, OSError) as error:
            log.warning("%s: %s", wish["wish"], error)
            ended = _failed(ProfileBroken())
        await self._tell_tokens()
        await self._send(self._child, {"show": "file", **ended})

    async def _file(self, wish: Mapping[str, str]) -> dict[str, str]:
        if wish["wish"] == "remove_file":
            keystores.remove(self._bridge.profile.folder, wish["name"])
            return {"of": "removed", "name": visible(wish["name"])}
        store = await errand.add_file(self._bridge, Path(os.path.expanduser(wish["path"])))
        exposed = readable_by_others(store.path)
        return {"of": "exposed" if exposed else "added", "name": visible(store.name)}

    async def _outcome(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """What became of a wish about a server, as fields of sentences or as the error's own two sentences."""
        profile = self._bridge.profile
        try:
            if wish["wish"] == "pair":
                paired = await asyncio.to_thread(ceremony.pair, profile, wish["address"], wish["code"])
                return {"of": "paired", "server": visible(paired.server_name), "user": visible(paired.user_hint)}
            gone = await asyncio.to_thread(ceremony.unpair, profile, wish["issuer"])
            untold = gone.not_told and {"ja": gone.not_told.ja, "en": gone.not_told.en}
            return {"of": "unpaired", "server": visible(gone.pairing.server_name), "untold": untold}
        except PairingError as error:
            log.info("%s: %s", wish["wish"], error.name)
            return _failed(error)
        except (ValueError, OSError) as error:
            log.warning("%s: %s", wish["wish"], error)
            return _failed(RecordsUnusable())

    def _change_look(self, look: Look) -> None:
        """Windows are made in one language and size: the next ones are others."""
        choose(self._bridge.profile.look_file, look)
        self._bridge.cool()
        self.close()
        self._child = None
        self.show()


def _failed(error: BridgeError | PairingError) -> dict[str, str]:
    return {"of": "failed", "ja": error.ja, "en": error.en}
