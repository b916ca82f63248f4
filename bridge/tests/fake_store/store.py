"""A key store whose worker has the script's library."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from cectrust_bridge.processes.process import Child
from cectrust_bridge.tokens.kinds import StoreSetting
from cectrust_bridge.tokens.store import KeyStore
from cectrust_bridge.tokens.timeouts import Timeouts


class FakeChild(Child):
    """A worker of this program."""

    def command(self, _: str, descriptor: int, arguments: Iterable[str]) -> list[str]:
        return [sys.executable, "-m", "fake_store", *arguments, "worker", str(descriptor)]


class FakeStore(KeyStore):
    """Everything of the real one but the worker's library."""

    def __init__(self, script: Path, timeouts: Timeouts, name: str = "Fake") -> None:
        super().__init__(StoreSetting(name, script.resolve()), timeouts)

    def launch(self, setting: StoreSetting) -> Child:
        return FakeChild("worker", str(setting.path))
