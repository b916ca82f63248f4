"""One signing, from the first chunk to the kept result (PROTOCOL.md section 5)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from . import byterange, consent
from .attributes import HASHES, signed_attributes
from .consent import CheckedDocument
from .documents import ReceivedDocument, Receiver
from .errors import (
    BridgeError,
    CertKeyMismatch,
    MalformedPdf,
    MechanismUnsupported,
    PinChangeRequired,
    PinLocked,
    UserCancelled,
)
from .identity import Identity
from .jose import b64url
from .kept import KeptResults
from .pairing import Pairing
from .prompters.prompter import Prompter
from .renderer import Renderer
from .request import Request
from .tokens.model import Certificate
from .tokens.modules import Modules

Progress = Callable[[str, int, int], Awaitable[None]]
HASH_CLASSES = {"sha256": hashes.SHA256, "sha384": hashes.SHA384}


@dataclass(frozen=True)
class Tools:
    """What a signing works with."""

    identity: Identity
    modules: Modules
    kept: KeptResults
    prompter: Callable[[], Prompter]
    renderer: Callable[[], Renderer]


class Signing:
    """The state of one `sign` request. `confirm` runs once; `cancel` ends it wherever it is."""

    def __init__(
        self,
        tools: Tools,
        server: Pairing,
        origin: str,
        request: Request,
        receiver: Receiver,
        progress: Progress,
    ) -> None:
        self.request = request
        self.receiver = receiver
        self.phase = "receiving"
        self.deadline: asyncio.TimerHandle | None = None
        self.progress = progress
        self._tools, self._server, self._origin = tools, server, origin
        self._task: asyncio.Task[dict[str, Any]] | None = None

    async def confirm(self) -> dict[str, Any]:
        """Check, ask, sign, keep; the signed result. Survives its caller once the PIN was given."""
        self._task = asyncio.create_task(self._run())
        try:
            return await asyncio.shield(self._task)
        except asyncio.CancelledError:
            if self._task.cancelled():
                raise UserCancelled from None
            raise

    def is_confirmed(self) -> bool:
        """Was `confirm` called already?"""
        return self._task is not None

    def is_finished(self) -> bool:
        """Has `confirm` come to its end, good or bad?"""
        return self._task is not None and self._task.done()

    def cancel(self) -> None:
        """Stop at once: windows and workers are killed."""
        self.phase = "cancelled"
        if self._task is not None:
            self._task.cancel()

    def abandon(self) -> None:
        """The page is gone: stop, unless the token is signing already; then the result is kept for resume."""
        if self.phase != "signing":
            self.cancel()

    def close(self) -> None:
        """Delete what was received."""
        self.receiver.close()
        if self.deadline is not None:
            self.deadline.cancel()

    async def finished(self) -> None:
        """Wait until nothing runs any more."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _enter(self, phase: str, done: int, total: int) -> None:
        self.phase = phase
        await self.progress(phase, done, total)

    async def _run(self) -> dict[str, Any]:
        received = self.receiver.complete()
        certificate = await self._certificate()
        async with AsyncExitStack() as stack:
            renderer = self._tools.renderer()
            stack.callback(renderer.close)
            documents = await self._check(received, renderer)
            results = await self._ask_and_sign(documents, certificate, renderer)
        return self._keep(certificate, results)

    async def _certificate(self) -> Certificate:
        certificate = await self._tools.modules.certificate(self.request.cert_sha256)
        if self.request.mechanism not in certificate.mechanisms:
            raise MechanismUnsupported
        if certificate.token.pin_state == "locked":
            raise PinLocked
        if certificate.token.pin_state == "change_required":
            raise PinChangeRequired
        return certificate

    async def _check(self, received: Sequence[ReceivedDocument], renderer: Renderer) -> list[CheckedDocument]:
        await renderer.start()
        documents = []
        for done, document in enumerate(received):
            await self._enter("checking", done, len(received))
            byte_range = await asyncio.to_thread(_locate, document)
            documents.append(CheckedDocument(document, byte_range, await renderer.open(document, byte_range)))
        return documents

    async def _ask_and_sign(
        self, documents: Sequence[CheckedDocument], certificate: Certificate, renderer: Renderer
    ) -> list[dict[str, str]]:
        prompter = self._tools.prompter()
        outcome, at_once = "cancelled", True
        try:
            await self._ask(prompter, documents, certificate, renderer)
            results = await self._sign(prompter, documents, certificate)
            outcome, at_once = f"signed {len(results)}", False
            return results
        except BridgeError as error:
            outcome, at_once = error.name, False
            raise
        finally:
            if not at_once:
                await prompter.tell(outcome)
            prompter.close(at_once)

    async def _ask(
        self,
        prompter: Prompter,
        documents: Sequence[CheckedDocument],
        certificate: Certificate,
        renderer: Renderer,
    ) -> None:
        await self._enter("consent", 0, len(documents))
        question = consent.signing_question(self._server, self._origin, certificate, documents)
        await prompter.ask(question, renderer.page)

    async def _sign(
        self, prompter: Prompter, documents: Sequence[CheckedDocument], certificate: Certificate
    ) -> list[dict[str, str]]:
        attributes = await asyncio.to_thread(self._attributes, documents, certificate)
        pin = await self._pin(prompter, certificate)
        try:
            signatures = await self._raw_signatures(certificate, attributes, pin)
        finally:
            if pin is not None:
                os.close(pin)
        return [
            {
                "id": checked.document.claims.id,
                "signed_attributes": b64url(octets),
                "signature": b64url(signature),
            }
            for checked, octets, signature in zip(documents, attributes, signatures, strict=True)
        ]

    def _attributes(self, documents: Sequence[CheckedDocument], certificate: Certificate) -> list[bytes]:
        algorithm = HASHES[self.request.mechanism]
        attributes = []
        for checked in documents:
            with checked.document.octets() as octets:
                digest = checked.byte_range.digest(octets, algorithm)
            attributes.append(signed_attributes(certificate.der, digest))
        return attributes

    async def _pin(self, prompter: Prompter, certificate: Certificate) -> int | None:
        await self._enter("pin", 0, 1)
        shown = consent.token(certificate.token)
        if certificate.token.protected_path:
            await prompter.show_pinpad(shown)
            return None
        return await prompter.ask_pin(shown)

    async def _raw_signatures(
        self, certificate: Certificate, attributes: Sequence[bytes], pin: int | None
    ) -> list[bytes]:
        mechanism, total = self.request.mechanism, len(attributes)
        await self._enter("signing", 0, total)

        async def report(done: int, _: bytes) -> None:
            await self.progress("signing", done, total)

        try:
            signatures = await self._tools.modules.sign(certificate, mechanism, attributes, pin, report)
        except BridgeError as error:
            self._name_signed(error)
            raise
        for octets, signature in zip(attributes, signatures, strict=True):
            verify_signature(certificate, mechanism, octets, signature)
        return signatures

    def _name_signed(self, error: BridgeError) -> None:
        """The worker counts; the page knows ids."""
        if "signed" in error.facts:
            error.facts["signed"] = [each.id for each in self.request.docs[: error.facts["signed"]]]

    def _keep(self, certificate: Certificate, results: list[dict[str, str]]) -> dict[str, Any]:
        result = self._tools.identity.sign_result(
            {
                "v": 1,
                "op": "sign",
                "bridge_id": self._tools.identity.bridge_id,
                "origin": self._origin,
                "jti": self.request.jti,
                "cert_sha256": certificate.sha256,
                "mechanism": self.request.mechanism,
                "results": results,
            }
        )
        self._tools.kept.keep(self._server.issuer, result)
        return result


def _locate(document: ReceivedDocument) -> byterange.ByteRange:
    with document.octets() as octets:
        try:
            return byterange.locate(octets)
        except MalformedPdf as error:
            raise MalformedPdf(str(error), document=document.claims.id) from error


def verify_signature(certificate: Certificate, mechanism: str, octets: bytes, signature: bytes) -> None:
    """CertKeyMismatch unless the certificate's key made this signature: a driver's garbage stops here."""
    key = x509.load_der_x509_certificate(certificate.der).public_key()
    digest = HASH_CLASSES[HASHES[mechanism]]()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, octets, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, octets, ec.ECDSA(digest))
    except InvalidSignature as error:
        raise CertKeyMismatch from error
