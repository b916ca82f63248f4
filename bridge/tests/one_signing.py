"""One signing in this process: a real course, real results on disk; token, person and renderer do what a test says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import byterange_cases
from bridge_house import PIN, certificate_of
from cectrust_bridge.documents.received import Receiver
from cectrust_bridge.pairing.identity import Identity
from cectrust_bridge.pairing.model import Pairing
from cectrust_bridge.profile.kept import KeptResults
from cectrust_bridge.requests.request import Document, Request
from cectrust_bridge.signing.course import Audience, Signing, Tools
from cectrust_bridge.tokens.model import Certificate, Token
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from driver import ISSUER, ORIGIN

MECHANISM = "ecdsa_sha256"
TOKEN = Token("Fake", "山田太郎のカード", "0001", "Fake", "Card", "normal", False, (MECHANISM,))
PDF = byterange_cases.prepared()


async def unheard(*_: object) -> None:
    """Whoever listens and does nothing."""


class Tokens:
    """One token, always there. `pin_states`: what it says of its PIN at each look, the last one for ever."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._der = certificate_of(self._key, "山田 太郎")
        self.pin_states = ["normal"]
        self.before_signature: Callable[[int], Awaitable[None]] = unheard
        self.sha256 = hashlib.sha256(self._der).hexdigest()
        self.tries = 0

    def _look(self) -> Token:
        state = self.pin_states.pop(0) if len(self.pin_states) > 1 else self.pin_states[0]
        return replace(TOKEN, pin_state=state)

    async def certificate(self, _: str) -> Certificate:
        return Certificate(self._der, "ec", 256, (MECHANISM,), self._look())

    async def token(self, *_: str) -> Token:
        return self._look()

    async def sign(
        self,
        _: Certificate,
        __: str,
        octets: Sequence[bytes],
        pin: int | None,
        report: Callable[[int, bytes], Awaitable[None]],
    ) -> None:
        """`before_signature` gets the number of the signature, from 1, and may raise."""
        self.tries += 1
        assert pin is not None
        for done, each in enumerate(octets, 1):
            await self.before_signature(done)
            await report(done, self._key.sign(each, ec.ECDSA(hashes.SHA256())))


class Person:
    """Agrees to everything, and knows the PIN. What the windows showed and how it ended is kept."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self.told: list[str] = []

    async def ask(self, question: dict[str, Any], _: object = None) -> None:
        self.shown.append(question["token"])

    async def ask_pin(self, token: dict[str, Any]) -> int:
        self.shown.append(token)
        readable, writable = os.pipe()
        os.write(writable, PIN.encode())
        os.close(writable)
        return readable

    async def tell(self, outcome: str) -> None:
        self.told.append(outcome)

    async def close(self, at_once: bool) -> None:
        """Nothing was opened."""


class Reading:
    """A renderer that finds everything in order."""

    async def start(self) -> None:
        """It is there."""

    async def open(self, *_: object) -> int:
        return 0

    async def page(self, *_: object) -> None:
        """Nobody turns pages."""

    def close(self) -> None:
        """Nothing to end."""


class OneSigning:
    """A request over so many documents; `listen` is told each result as a page is."""

    def __init__(self, folder: Path, documents: int, listen: Callable[..., Awaitable[None]] = unheard) -> None:
        self.tokens, self.person = Tokens(), Person()
        self.kept = KeptResults(folder / "kept")
        key = ec.generate_private_key(ec.SECP256R1())
        tools = Tools(Identity(key, "bridge"), self.tokens, self.kept, lambda: self.person, Reading)  # type: ignore[arg-type]
        digest = hashlib.sha256(PDF).hexdigest()
        docs = tuple(
            Document(f"doc-{n}", digest, len(PDF), "契約書", "乙", None, None, 1) for n in range(1, documents + 1)
        )
        request = Request(ISSUER, "j" * 16, "sign", self.tokens.sha256, MECHANISM, docs)
        receiver = Receiver(docs, folder)
        for _ in docs:
            receiver.take(PDF)
        pairing = Pairing("サーバー", ISSUER, (ORIGIN,), key.public_key(), "山田")
        self.signing = Signing(tools, pairing, ORIGIN, request, receiver, Audience(unheard, listen))

    async def confirmed(self) -> dict[str, Any]:
        """The report."""
        try:
            return await self.signing.confirm()
        finally:
            self.signing.close()
