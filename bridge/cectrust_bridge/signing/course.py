"""One signing, from the first chunk to the kept result (PROTOCOL.md section 5)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from ..documents import byterange
from ..documents.received import ReceivedDocument, Receiver
from ..documents.renderer import Renderer
from ..errors import BridgeError, MalformedPdf, MechanismUnsupported, UserCancelled
from ..formats.attributes import HASHES, SignedAttributes
from ..pairing.identity import Identity
from ..pairing.model import Pairing
from ..profile.kept import Asked, Kept, KeptResults, RequestName, Result
from ..prompters import consent, pin_entry
from ..prompters.consent import CheckedDocument
from ..prompters.prompter import Prompter
from ..requests.request import Request
from ..tokens.model import Certificate
from ..tokens.modules import Modules
from .results import Results, Sealer, Verifier

Progress = Callable[[str, int, int], Awaitable[None]]
TellResult = Callable[[Result], Awaitable[None]]
SIGNING = "signing"


@dataclass(frozen=True)
class Tools:
    """What a signing works with."""

    identity: Identity
    modules: Modules
    kept: KeptResults
    prompter: Callable[[], Prompter]
    renderer: Callable[[], Renderer]


@dataclass(frozen=True)
class Audience:
    """The page, as long as it listens: how far the signing is, and each document's result."""

    progress: Progress
    result: TellResult


class Signing:
    """The state of one `sign` request. `confirm` runs once; `cancel` ends it wherever it is."""

    def __init__(
        self,
        tools: Tools,
        server: Pairing,
        origin: str,
        request: Request,
        receiver: Receiver,
        audience: Audience,
    ) -> None:
        self.request = request
        self.receiver = receiver
        self.phase = "receiving"
        self.deadline: asyncio.TimerHandle | None = None
        self.progress = audience.progress
        self._audience = audience
        self._tools, self._server, self._origin = tools, server, origin
        self._task: asyncio.Task[dict[str, Any]] | None = None
        self._results: Results | None = None
        self._cancelled = False

    async def confirm(self) -> dict[str, Any]:
        """Check, ask, sign, keep; the signed report. Survives its caller once the PIN was given."""
        self._task = asyncio.create_task(self._run())
        try:
            return await asyncio.shield(self._task)
        except asyncio.CancelledError:
            if self._task.cancelled():
                raise UserCancelled from None
            raise

    @property
    def name(self) -> RequestName:
        """Under which its results are kept."""
        return RequestName(self._server.issuer, self._origin, self.request.jti)

    def is_confirmed(self) -> bool:
        """Was `confirm` called already?"""
        return self._task is not None

    def is_finished(self) -> bool:
        """Has `confirm` come to its end, good or bad?"""
        return self._task is not None and self._task.done()

    def cancel(self) -> bool:
        """Stop at once: windows and workers are killed. What is signed by now stays signed.

        False if that is too late: the token is done, and what it signed is being kept and told.
        """
        if self._results is not None and self._results.is_settled():
            return False
        if self._task is not None and not self._cancelled:
            self._task.cancel()
        self._cancelled = True
        return True

    def abandon(self) -> None:
        """The page is gone: stop, unless the token is signing already; then the result is kept for resume."""
        if self.phase != SIGNING:
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
            kept = await self._ask_and_sign(documents, certificate, renderer)
        return self._sealer(certificate).report(kept)

    async def _certificate(self) -> Certificate:
        certificate = await self._tools.modules.certificate(self.request.cert_sha256)
        if self.request.mechanism not in certificate.mechanisms:
            raise MechanismUnsupported
        pin_entry.check_usable(certificate.token)
        return certificate

    async def _check(self, received: Sequence[ReceivedDocument], renderer: Renderer) -> list[CheckedDocument]:
        await renderer.start()
        documents = []
        for done, document in enumerate(received):
            await self._enter("checking", done, len(received))
            byte_range = await asyncio.to_thread(_locate, document, HASHES[str(self.request.mechanism)])
            documents.append(CheckedDocument(document, byte_range, await renderer.open(document, byte_range)))
        return documents

    async def _ask_and_sign(
        self, documents: Sequence[CheckedDocument], certificate: Certificate, renderer: Renderer
    ) -> Kept:
        prompter = self._tools.prompter()
        outcome, at_once = "cancelled", True
        try:
            await self._ask(prompter, documents, certificate, renderer)
            kept = await self._sign(prompter, documents, certificate)
            outcome, at_once = _outcome(kept), False
            return kept
        except BridgeError as error:
            outcome, at_once = error.name, False
            raise
        finally:
            if not at_once:
                await prompter.tell(outcome)
            await prompter.close(at_once)

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

    async def _sign(self, prompter: Prompter, documents: Sequence[CheckedDocument], certificate: Certificate) -> Kept:
        """Whatever stops the token: what it signed until then is kept and handed out."""
        attributes = await asyncio.to_thread(self._attributes, documents, certificate)

        async def act(pin: int | None) -> tuple[Results, BridgeError | None]:
            await self._enter(SIGNING, 0, len(attributes))
            self._results = results = self._new_results(certificate, attributes)
            return results, await self._raw_signatures(certificate, attributes, pin, results)

        await self._enter("pin", 0, 1)
        results, failure = await pin_entry.with_pin(prompter, certificate.token, act)
        kept = await _to_its_end(results.close(failure.name if failure else None))
        if not kept.results and failure is not None:
            raise failure
        return kept

    def _sealer(self, certificate: Certificate) -> Sealer:
        ids = tuple(each.id for each in self.request.docs)
        asked = Asked(ids, certificate.sha256, str(self.request.mechanism))
        return Sealer(self._tools.identity, self.name, asked)

    def _new_results(self, certificate: Certificate, attributes: Sequence[bytes]) -> Results:
        sealer = self._sealer(certificate)
        verifier = Verifier(certificate.der, sealer.asked.mechanism)
        keeping = self._tools.kept.begin(self.name, sealer.asked)

        async def tell(result: Result, done: int) -> None:
            await self._audience.result(result)
            await self.progress(SIGNING, done, len(attributes))

        return Results(sealer, verifier, keeping, attributes, tell)

    def _attributes(self, documents: Sequence[CheckedDocument], certificate: Certificate) -> list[bytes]:
        algorithm = HASHES[self.request.mechanism]
        template, attributes = SignedAttributes(certificate.der, algorithm), []
        for checked in documents:
            attributes.append(template.over(checked.document.digest(checked.byte_range, algorithm)))
        return attributes

    async def _raw_signatures(
        self, certificate: Certificate, attributes: Sequence[bytes], pin: int | None, results: Results
    ) -> BridgeError | None:
        """Have the token sign everything; what stopped it, if something did."""
        try:
            await self._tools.modules.sign(certificate, self.request.mechanism, attributes, pin, results.take)
        except BridgeError as error:
            return error
        except asyncio.CancelledError:
            return UserCancelled()
        return None


async def _to_its_end(closing: Coroutine[Any, Any, Kept]) -> Kept:
    """A cancel that was allowed a moment ago does not reach what follows the token."""
    whole = asyncio.create_task(closing)
    try:
        return await asyncio.shield(whole)
    except asyncio.CancelledError:
        return await whole


def _outcome(kept: Kept) -> str:
    signed, asked = len(kept.results), len(kept.asked.ids)
    return f"signed {signed}" if kept.failure is None else f"signed {signed} of {asked}, {kept.failure}"


def _locate(document: ReceivedDocument, algorithm: str) -> byterange.ByteRange:
    with document.octets() as octets:
        try:
            found = byterange.locate(octets)
        except MalformedPdf as error:
            raise MalformedPdf(str(error), document=document.claims.id) from error
    document.settle(found, algorithm)
    return found
