"""`python -m fake_store SCRIPT run --profile …`: the bridge, with the script's tokens for its only key store.

The worker is the bridge's own with another library under it. An installed bridge has neither this program nor a
setting, option or variable that names another kind of store: `settings` knows two, `tokens.worker.load` as well.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from cectrust_bridge import cli
from cectrust_bridge.processes.channel import Channel
from cectrust_bridge.service import bridge
from cectrust_bridge.tokens import worker
from cectrust_bridge.tokens.modules import Modules
from cectrust_bridge.tokens.pkcs11_store import Pkcs11Store

from fake_store.library import Library
from fake_store.store import FakeStore


def main(script: Path, arguments: list[str]) -> None:
    if arguments[0] == "worker":
        channel = Channel(socket.socket(fileno=int(arguments[1])))
        worker.serve(channel, Pkcs11Store(Library(script)))
        return
    bridge.configured = lambda _, timeouts: Modules([FakeStore(script, timeouts)], timeouts)
    cli.main(arguments)


main(Path(sys.argv[1]), sys.argv[2:])
