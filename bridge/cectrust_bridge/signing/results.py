"""From raw signatures to results: verified, signed by the bridge, kept, then told to the page, one document at a time.

A token signs faster than a disk syncs. So whatever signatures are there go to disk together (group commit), and a page
that reads slowly delays neither the token nor the keeping.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ..errors import CertKeyMismatch, DeviceError
from ..formats.attributes import HASHES
from ..formats.jose import b64url
from ..pairing.identity import Identity
from ..profile.kept import Asked, Keeping, Kept, RequestName, Result

HASH_CLASSES = {"sha256": hashes.SHA256, "sha384": hashes.SHA384}
Tell = Callable[[Result, int], Awaitable[None]]
Signature = tuple[int, bytes]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sealer:
    """Makes what the bridge says about one request, with its signature (PROTOCOL.md, "Signed results")."""

    identity: Identity
    name: RequestName
    asked: Asked

    def document(self, index: int, attributes: bytes, signature: bytes) -> Result:
        """The result of one document; `index` counts from 0 in the order of `docs`."""
        octets = {"signed_attributes": b64url(attributes), "signature": b64url(signature)}
        document = {"id": self.asked.ids[index], **octets}
        return self._sealed({"index": index, "count": len(self.asked.ids), "document": document})

    def report(self, kept: Kept) -> Result:
        """Which documents are signed, which are not, and why not."""
        signed = [result["document"]["id"] for result in kept.results]
        unsigned = [each for each in self.asked.ids if each not in set(signed)]
        return self._sealed({"signed": signed, "unsigned": unsigned, "failure": kept.failure})

    def _sealed(self, facts: Mapping[str, Any]) -> Result:
        always = {"v": 1, "op": "sign", "bridge_id": self.identity.bridge_id}
        request = {"origin": self.name.origin, "jti": self.name.jti}
        means = {"cert_sha256": self.asked.cert_sha256, "mechanism": self.asked.mechanism}
        return self.identity.sign_result({**always, **request, **means, **facts})


class Verifier:
    """Holds each signature against the certificate: a driver's garbage stops here."""

    def __init__(self, certificate: bytes, mechanism: str) -> None:
        self._key = x509.load_der_x509_certificate(certificate).public_key()
        self._digest = HASH_CLASSES[HASHES[mechanism]]()

    def check(self, octets: bytes, signature: bytes) -> None:
        """CertKeyMismatch unless the certificate's key made this signature over `octets`."""
        try:
            if isinstance(self._key, rsa.RSAPublicKey):
                self._key.verify(signature, octets, padding.PKCS1v15(), self._digest)
            elif isinstance(self._key, ec.EllipticCurvePublicKey):
                self._key.verify(signature, octets, ec.ECDSA(self._digest))
        except InvalidSignature as error:
            raise CertKeyMismatch from error


class Results:
    """The results of one signing, in the order of its documents."""

    def __init__(
        self, sealer: Sealer, verifier: Verifier, keeping: Keeping, attributes: Sequence[bytes], tell: Tell
    ) -> None:
        self._sealer, self._verifier, self._keeping = sealer, verifier, keeping
        self._attributes, self._tell = attributes, tell
        self._taken = 0
        self._closing = False
        self._kept: list[Result] = []
        self._signatures: asyncio.Queue[Signature | None] = asyncio.Queue()
        self._untold: asyncio.Queue[Result | None] = asyncio.Queue()
        self._keeper = asyncio.create_task(self._keep_all())
        self._teller = asyncio.create_task(self._tell_all())

    async def take(self, done: int, signature: bytes) -> None:
        """The token's signature over the next document, the `done`-th.

        Raises CertKeyMismatch; DeviceError out of turn, or if nothing can be kept.
        """
        if done != self._taken + 1 or done > len(self._attributes) or self._keeper.done():
            raise DeviceError("a signature out of turn, or the disk refuses them")
        self._verifier.check(self._attributes[self._taken], signature)
        self._signatures.put_nowait((self._taken, signature))
        self._taken += 1

    def is_settled(self) -> bool:
        """Has the token made all that it will make? What it signed is then signed, whoever would rather stop."""
        return self._closing or self._taken == len(self._attributes)

    async def close(self, failure: str | None) -> Kept:
        """Once the token is done, for whatever reason: keep and tell the rest; what is kept of the signing."""
        self._closing = True
        self._signatures.put_nowait(None)
        try:
            await self._keeper
        except OSError as error:
            log.error("results cannot be kept: %s", type(error).__name__)
            failure = DeviceError.name
        self._untold.put_nowait(None)
        await self._teller
        failure = self._ending(failure)
        if self._kept:
            await asyncio.to_thread(self._end, failure)
        return Kept(self._sealer.asked, tuple(self._kept), failure)

    def _ending(self, failure: str | None) -> str | None:
        """None exactly when everything is signed and kept, whatever the token said afterwards."""
        if len(self._kept) == len(self._attributes):
            return None
        return failure or DeviceError.name

    def _end(self, failure: str | None) -> None:
        """The results are kept already, and the page gets its report: without this line a later one is interrupted."""
        try:
            self._keeping.end(failure)
        except OSError as error:
            log.error("how the signing ended cannot be kept: %s", type(error).__name__)

    async def _keep_all(self) -> None:
        more = True
        while more:
            arrived = [await self._signatures.get()]
            while not self._signatures.empty():
                arrived.append(self._signatures.get_nowait())
            more = arrived[-1] is not None
            await self._keep([each for each in arrived if each is not None])

    async def _keep(self, signatures: Sequence[Signature]) -> None:
        if not signatures:
            return
        sealed = [self._sealer.document(index, self._attributes[index], raw) for index, raw in signatures]
        await asyncio.to_thread(self._keeping.add, sealed)
        self._kept += sealed
        for result in sealed:
            self._untold.put_nowait(result)

    async def _tell_all(self) -> None:
        while (result := await self._untold.get()) is not None:
            await self._tell(result, result["index"] + 1)
