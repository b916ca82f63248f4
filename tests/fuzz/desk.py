"""Stand-ins for what no fuzzed conversation may wait for: a token, a person and a renderer, all in this process.

They let a conversation go on where one without a token would end: behind `sign.confirm`.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Sequence
from typing import Any

from cectrust_bridge.documents.byterange import ByteRange
from cectrust_bridge.documents.received import ReceivedDocument
from cectrust_bridge.errors import DeviceError, HashMismatch, MalformedPdf, UserCancelled
from cectrust_bridge.tokens.model import Certificate, Token
from cectrust_bridge.tokens.modules import KeyStore, Modules, Report
from cectrust_bridge.tokens.timeouts import Timeouts
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.fuzz.target import octets, vectors

KEY = ec.derive_private_key(7, ec.SECP256R1())
TOKEN = Token("Card", "card", "0001", "maker", "model", "normal", False, ("ecdsa_sha256",), ("p256",))
CONTRACT = next(octets(case["pdf"]) for case in vectors("byterange")["cases"] if case["accept"])


def _certificate() -> Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "山田 太郎")])
    began = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    unsigned = x509.CertificateBuilder(name, name, KEY.public_key(), 1, began, began + datetime.timedelta(9999))
    return Certificate(
        unsigned.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER), "ec", 256, TOKEN.mechanisms, TOKEN
    )


CERTIFICATE = _certificate()


class Card(Modules):
    """One token with one certificate, which signs; whatever else is asked of it fails as a device does."""

    def __init__(self) -> None:
        super().__init__([], Timeouts())

    async def _look(self, look: Callable[..., Any]) -> list[Any]:
        return [TOKEN, CERTIFICATE] if look is KeyStore.survey else [TOKEN]

    async def sign(
        self, _: Certificate, __: str, octets: Sequence[bytes], ___: int | None, report: Report
    ) -> list[bytes]:
        """As `KeyStore.sign`, at once."""
        signatures = [KEY.sign(each, ec.ECDSA(hashes.SHA256())) for each in octets]
        for done, signature in enumerate(signatures, 1):
            await report(done, signature)
        return signatures

    async def _act(self, do: str, *_: object, **__: object) -> dict[str, Any]:
        raise DeviceError(do)


class Person:
    """Agrees, unless told otherwise, and gives a PIN."""

    agrees = True

    async def ask(self, *_: object) -> None:
        """A yes is a return."""
        if not type(self).agrees:
            raise UserCancelled

    async def ask_pin(self, *_: object) -> int:
        """The readable end of a pipe with nothing in it."""
        readable, writable = os.pipe()
        os.close(writable)
        return readable

    ask_new_pin = ask_pin

    async def tell(self, outcome: str) -> None:
        """Nobody listens."""

    async def close(self, at_once: bool) -> None:
        """Nothing is open."""


class Glass:
    """Sees one page and no earlier signature in whatever the scanner took for a contract."""

    async def start(self) -> None:
        """Ready at once."""

    async def open(self, document: ReceivedDocument, _: ByteRange) -> int:
        """No earlier signatures; the pages are counted."""
        if document.claims.pages != 1:
            raise HashMismatch("another number of pages", document=document.claims.id)
        return 0

    async def page(self, *_: object) -> None:
        """Nothing is drawn."""
        raise MalformedPdf("not drawn")

    def close(self) -> None:
        """Nothing is open."""
