"""The worker process: one key store, one thread, killed by its parent when it hangs.

It reads the PIN itself from a pipe that the window's process writes, and never repeats a driver's words.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Protocol

from ..processes.channel import Channel, ChannelClosed, Message
from .failures import Answer, Failure, named
from .kinds import PKCS12

Report = Callable[[int, bytes], None]


class Store(Protocol):
    """What a worker does for its parent. Every kind of key store has these; each raises Failure."""

    def tokens(self, message: Message) -> Answer:
        """Present tokens, looked at afresh: `{"tokens": [{"token"}]}`."""

    def survey(self, message: Message) -> Answer:
        """As `tokens`, with the DER (hex) of each token's `certificates`."""

    def sign(self, message: Message, report: Report) -> Answer:
        """Sign `octets` one by one under one log-in, reporting each."""

    def change_pin(self, message: Message) -> Answer:
        """Old PIN, new PIN."""

    def generate(self, message: Message) -> Answer:
        """A key pair `key_id` made on the token, or the one that is there: `{"public_key": hex SPKI}`."""

    def request(self, message: Message) -> Answer:
        """A PKCS#10 request signed by the key `key_id`: `{"request": hex DER}`."""

    def store(self, message: Message) -> Answer:
        """Put `certificate` beside its key, and `chain` with it."""

    def open(self, message: Message) -> Answer:
        """A PKCS#12 file's `certificates` (hex DER), its key's first; other kinds refuse."""


def answer(store: Store, message: Message, channel: Channel) -> Answer:
    """Act on one message."""

    def report(done: int, signature: bytes) -> None:
        channel.send({"progress": done, "signature": signature.hex()})

    acts = {
        "tokens": store.tokens,
        "survey": store.survey,
        "sign": lambda wanted: store.sign(wanted, report),
        "change_pin": store.change_pin,
        "generate": store.generate,
        "request": store.request,
        "store": store.store,
        "open": store.open,
    }
    try:
        with named():
            return acts[message.fields["do"]](message)
    except Failure as failure:
        return failure.answer
    finally:
        # Whoever refused before it asked for the PIN has left it in its pipe.
        message.close()


def serve(channel: Channel, store: Store) -> None:
    """Answer until the parent goes."""
    channel.send({"loaded": True})
    with contextlib.suppress(ChannelClosed):
        while True:
            channel.send(answer(store, channel.receive(), channel))


def load(kind: str, path: str, certificates: str) -> Store:
    """The store; OSError, ValueError, RuntimeError or a PKCS#11 error if it does not load."""
    if kind == PKCS12:
        from .pkcs12_store import Pkcs12Store

        return Pkcs12Store(path, certificates)
    import pkcs11

    from .pkcs11_store import Pkcs11Store

    return Pkcs11Store(pkcs11.lib(path))


def main(channel: Channel, kind: str, path: str, certificates: str = "") -> None:
    """Load the store and serve until the parent goes."""
    try:
        store = load(kind, path, certificates)
    except Exception:
        # A vendor's library may fail in any way while it loads.
        channel.send({"error": "no_module", "facts": {}})
        return
    serve(channel, store)
