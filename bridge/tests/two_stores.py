"""Two scripted key stores, each with a worker process of its own, asked from here as the bridge asks them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from cectrust_bridge.tokens.modules import Modules
from cectrust_bridge.tokens.timeouts import Timeouts
from fake_house import TOKEN, write_script
from fake_store.script import alone
from fake_store.store import FakeStore
from proc import children_of, words_of

Outcome = TypeVar("Outcome")
KEY_OF = {"bad": "p256", "good": "rsa"}
PATIENCE = 60.0
"""A test that needs longer hangs."""


class TwoStores:
    """Stores `bad` and `good`, in each a token with one key. `keys` has what `fake_house.write_keys` made."""

    def __init__(self, folder: Path, keys: Path, timeouts: Timeouts) -> None:
        self._scripts = {name: folder / name / "script.json" for name in KEY_OF}
        for name, script in self._scripts.items():
            script.parent.mkdir()
            (script.parent / KEY_OF[name]).symlink_to(keys / KEY_OF[name])
            self.plug(name)
        self.stores = {name: FakeStore(path, timeouts, name) for name, path in self._scripts.items()}
        self.modules = Modules(list(self.stores.values()), timeouts)

    def plug(self, name: str, *events: dict[str, Any], **changed: Any) -> None:
        """What happens next in the store `name`, and how its token differs from a healthy one."""
        script = self._scripts[name]
        with alone(script):
            script.with_name("state.json").unlink(missing_ok=True)
            write_script(script, {**TOKEN, "serial": name, "keys": [KEY_OF[name]], **changed}, events=events)

    def workers(self, name: str) -> list[int]:
        """Process ids of the store's worker, as the system has them."""
        return [pid for pid in children_of(os.getpid()) if str(self._scripts[name]) in words_of(pid)]

    def run(self, work: Callable[[Modules], Awaitable[Outcome]]) -> Outcome:
        """Do `work` in one event loop, and end the workers."""

        async def whole() -> Outcome:
            try:
                return await asyncio.wait_for(work(self.modules), PATIENCE)
            finally:
                self.modules.stop()

        return asyncio.run(whole())


class MakeStores(Protocol):
    """The fixture `two_stores`; `seconds` are members of `Timeouts`."""

    def __call__(self, **seconds: float) -> TwoStores: ...
