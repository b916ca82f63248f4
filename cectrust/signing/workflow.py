"""From an accepted signature to a sealed original: a durable workflow of idempotent steps.

embed (with timestamp) → extend (long term) → validate and keep → seal, contract moved on → forget working copies. A
crash anywhere is followed by the same steps again; what a step finished is not done twice, because the row says so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from cectrust.archive import service as archive
from cectrust.archive.model import Event, KeptFile, Sealing
from cectrust.certificates.service import trust_of
from cectrust.clock import to_datetime
from cectrust.contracts import service as contracts
from cectrust.contracts.store import reading, writing
from cectrust.faults import declare, failpoint
from cectrust.identity import service as identity
from cectrust.pades import embed
from cectrust.pades.model import Level, TrustStore, ValidationReport, Verdict
from cectrust.pades.timestamps import VerifiedTimestamper
from cectrust.parsing import ParserStopped
from cectrust.platform import Platform
from cectrust.sdk.errors import InputRefused, Misconfigured, Unavailable
from cectrust.sdk.protocols import Actor, BlobArea, BlobKey, Digest
from cectrust.signing import store, working
from cectrust.signing.model import PDF, RequestState, SigningRequest
from cectrust.signing.service import COMPLETE
from cectrust.work import Work
from cectrust.workflows import Reference, Steps, workflow

log = structlog.get_logger(__name__)

Act = Callable[[Platform, SigningRequest], Reference]
REFUSED = "refused"


@workflow(COMPLETE)
def complete(steps: Steps, request_id: str) -> None:
    """Finish one accepted signature, or give the contract back with the reason."""
    for name, act in OUTSIDE_STEPS.items():
        if steps.outside(name, _guarded(name, act, request_id)) == REFUSED:
            steps.transaction("give_back", lambda work: give_back(work, request_id))
            return
    steps.transaction("seal", lambda work: seal(work, request_id))
    failpoint("signing.seal.after")
    steps.outside("forget", lambda platform: forget(platform, request_id))


def embed_signature(platform: Platform, request: SigningRequest) -> Reference:
    """Put the raw signature and its timestamp into the prepared file (PAdES B-T)."""
    if request.embedded_digest or request.signature is None:
        return request.embedded_digest
    with _files(platform, request, Digest(request.prepared.file_sha256)) as (source, target):
        embed(source, target, request.prepared, request.signer, request.signature, _timestamper(platform))
        return _keep(platform, request, target, "embedded_digest")


def extend_signature(platform: Platform, request: SigningRequest) -> Reference:
    """Add validation data and a document timestamp (PAdES B-LTA)."""
    if request.extended_digest or request.embedded_digest is None:
        return request.extended_digest
    with _files(platform, request, request.embedded_digest) as (source, target):
        trust = platform_trust(platform)
        platform.parsers.extend(source, target, trust, platform.revocation, _timestamper(platform))
        return _keep(platform, request, target, "extended_digest")


def validate_and_keep(platform: Platform, request: SigningRequest) -> Reference:
    """Only a file that our own validator passes becomes an original, one for each party's company."""
    if request.final_digest or request.extended_digest is None:
        return request.final_digest
    with _files(platform, request, request.extended_digest) as (source, _):
        report = platform.parsers.validate(source, platform_trust(platform))
        _require_passed(report, request)
        with platform.reading() as work:
            parties = reading.by_id_for_system(work.session, request.contract_id).parties
        for company_id in {request.owner, *(party.company_id for party in parties)}:
            platform.blobs.keep(BlobArea.ORIGINALS, company_id, source)
        size = source.stat().st_size
    _note(platform, request.id, final_digest=request.extended_digest, final_size=size)
    return request.extended_digest


declare("signing.embed", "signing.keep", "signing.extend", "signing.validate", "signing.seal", "signing.forget")

OUTSIDE_STEPS: dict[str, Act] = {
    "embed": embed_signature,
    "extend": extend_signature,
    "validate": validate_and_keep,
}


def seal(work: Work, request_id: str) -> Reference:
    """The revision, the archive's entry, the contract's next state and the request's end: one transaction."""
    writing.lock(work.session, _request(work, request_id).contract_id)
    request = _request(work, request_id)
    if request.state is not RequestState.ACCEPTED:  # done already, or given back by an administrator
        return request.final_digest
    contract = reading.by_id_for_system(work.session, request.contract_id)
    digest, size = _final(request)
    kept = KeptFile(BlobKey(BlobArea.ORIGINALS, request.owner, digest), size, PDF)
    archive.seal(
        work.session,
        work.clock,
        request.owner,
        Sealing(Event.SIGNED, archive.CONTRACTS, contract.number, (kept,)),
    )
    contracts.record_signature(_actor(work, request), work, request.contract_id, _facts(request, digest, size))
    store.change_request(work.session, request_id, {"state": RequestState.COMPLETED})
    failpoint("signing.seal.before")  # everything is written and nothing of it committed
    return digest


def forget(platform: Platform, request_id: str) -> Reference:
    """Delete the working copies of a request that is sealed; only originals are left of it."""
    failpoint("signing.forget.before")
    with platform.reading() as work:
        keys = working.keys_of(_request(work, request_id))
    for key in keys:
        platform.blobs.delete(key)
    failpoint("signing.forget.after")
    return None


def give_back(work: Work, request_id: str) -> Reference:
    """The signature could not be completed: the contract is free again, and the person is told why."""
    request = _request(work, request_id)
    if request.state is RequestState.FAILED:
        return None
    contracts.abandon_acceptance(
        _actor(work, request), work, request.contract_id, request.id, request.failure_ja or "unknown"
    )
    store.change_request(work.session, request_id, {"state": RequestState.FAILED})
    return None


def platform_trust(platform: Platform) -> TrustStore:
    """All anchors that this installation trusts for signers and, apart from them, for time."""
    return trust_of(platform.providers, platform.tsa_anchors)


def _guarded(name: str, act: Act, request_id: str) -> Callable[[Platform], Reference]:
    """A step's failpoints, and its refusal as a value that survives a restart."""

    def run(platform: Platform) -> Reference:
        failpoint(f"signing.{name}.before")
        with platform.reading() as work:
            request = _request(work, request_id)
        if request.state is RequestState.FAILED:  # an administrator gave it back meanwhile
            return REFUSED
        try:
            result = act(platform, request)
        except ParserStopped as stopped:
            raise _not_judged(stopped.detail) from stopped
        except InputRefused as refusal:
            log.error("signing.refused", step=name, request=request_id, code=refusal.code, alarm=True)
            _note(platform, request_id, failure_ja=refusal.ja, failure_en=refusal.en)
            return REFUSED
        failpoint(f"signing.{name}.after")
        return result

    return run


@contextmanager
def _files(platform: Platform, request: SigningRequest, digest: Digest) -> Iterator[tuple[Path, Path]]:
    """A verified copy of a working blob, and the path for what is made of it."""
    with tempfile.TemporaryDirectory(prefix="cectrust-complete-") as folder:
        source = Path(folder) / "source.pdf"
        platform.blobs.fetch(BlobKey(BlobArea.WORKING, request.owner, digest), source)
        yield source, Path(folder) / "target.pdf"


def _keep(platform: Platform, request: SigningRequest, path: Path, column: str) -> Digest:
    """Durable first, then the row: what a row names is always there."""
    failpoint("signing.keep.before")
    digest = platform.blobs.keep(BlobArea.WORKING, request.owner, path).key.digest
    failpoint("signing.keep.after")
    _note(platform, request.id, **{column: digest})
    return digest


def _note(platform: Platform, request_id: str, **values: str | int) -> None:
    with platform.work() as work:
        store.change_request(work.session, request_id, values)


def _require_passed(report: ValidationReport, request: SigningRequest) -> None:
    mine = next((found for found in report.signatures if found.field == request.prepared.field), None)
    if report.verdict is Verdict.TOTAL_PASSED and mine is not None and mine.level is Level.B_LTA:
        return
    if report.stopped:
        raise _not_judged("validate")
    if report.ahead:
        raise _too_early(report)
    reasons = report.reasons[0] if report.reasons else None
    if report.unsigned_fields and mine is not None and _only_unsigned(report) and mine.level is Level.B_LTA:
        return
    raise InputRefused(
        "made_invalid",
        "作成した電子署名が検証に合格しませんでした。署名は無効とし、契約は署名前の状態に戻しました。",
        "The signature that was made did not pass validation; the contract is as before.",
        detail=reasons.code if reasons else "",
    )


def _not_judged(detail: str) -> Unavailable:
    """A parser without time or memory says nothing about an accepted signature: it is kept and tried again."""
    log.error("signing.parser_stopped", detail=detail, alarm=True)
    return Unavailable(
        "parser_stopped",
        "契約書の解析が途中で止まりました。署名は受け付けてあり、自動でやり直します。",
        "Parsing the contract stopped half-way; the signature is kept and it is tried again.",
        detail,
    )


def _too_early(report: ValidationReport) -> Unavailable:
    """The authority may be a second ahead of us (`cectrust.pades.timestamps.AHEAD`): soon it no longer is."""
    return Unavailable("timestamp_ahead", report.reasons[0].ja, report.reasons[0].en)


def _only_unsigned(report: ValidationReport) -> bool:
    """Before the last party signs, the only thing a good file lacks is the other signatures."""
    return report.sub_indication == "INCOMPLETE" and all(
        found.verdict is Verdict.TOTAL_PASSED for found in report.signatures
    )


def _request(work: Work, request_id: str) -> SigningRequest:
    found = store.request_by_id(work.session, request_id)
    if found is None:
        raise LookupError(request_id)
    return found


def _final(request: SigningRequest) -> tuple[Digest, int]:
    if request.final_digest is None or request.final_size is None:
        raise LookupError("sealed before it was validated")
    return request.final_digest, request.final_size


def _facts(request: SigningRequest, digest: Digest, size: int) -> contracts.SignatureFacts:
    if request.accepted_at is None:
        raise LookupError("sealed before it was accepted")
    return contracts.SignatureFacts(
        request_id=request.id,
        slot_id=request.slot_id,
        digest=digest,
        size=size,
        signed_at=request.accepted_at,
        signer=request.signer_name,
        certificate_kind=request.kind,
    )


def _actor(work: Work, request: SigningRequest) -> Actor:
    """The signature is the act of the person who gave it, however late it is completed."""
    return identity.account(work, request.account_id).actor


def _timestamper(platform: Platform) -> VerifiedTimestamper:
    if platform.timestamper is None:
        raise Misconfigured(
            "timestamper_missing",
            "時刻認証局（timestamping.timestamper）が設定されていません。",
            "No time-stamping authority is configured (timestamping.timestamper).",
        )
    return VerifiedTimestamper(
        platform.timestamper, platform_trust(platform), lambda: to_datetime(platform.clock.now())
    )
