"""`python -m fake_store SCRIPT run --profile …`: the bridge, with the script's tokens for its only key store.

The worker is the bridge's own with another library under it. An installed bridge has neither this program nor a
setting, option or variable that names another kind of store: `settings` knows two, `tokens.worker.load` as well.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable
from pathlib import Path

from cectrust_bridge import bridge, cli
from cectrust_bridge.channel import Channel
from cectrust_bridge.process import Child
from cectrust_bridge.tokens import worker
from cectrust_bridge.tokens.kinds import StoreSetting
from cectrust_bridge.tokens.modules import Modules
from cectrust_bridge.tokens.pkcs11_store import Pkcs11Store
from cectrust_bridge.tokens.store import KeyStore

from fake_store.library import Library


class FakeChild(Child):
    """A worker of this program."""

    def command(self, _: str, descriptor: int, arguments: Iterable[str]) -> list[str]:
        return [sys.executable, "-m", "fake_store", *arguments, "worker", str(descriptor)]


class FakeStore(KeyStore):
    """Everything of the real one but the worker's library."""

    def __init__(self, script: Path) -> None:
        super().__init__(StoreSetting("Fake", script.resolve()))

    def launch(self) -> Child:
        return FakeChild("worker", str(self._setting.path))


def main(script: Path, arguments: list[str]) -> None:
    if arguments[0] == "worker":
        channel = Channel(socket.socket(fileno=int(arguments[1])))
        worker.serve(channel, Pkcs11Store(Library(script)))
        return
    bridge.configured = lambda _: Modules([FakeStore(script)])
    cli.main(arguments)


main(Path(sys.argv[1]), sys.argv[2:])
