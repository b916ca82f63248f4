"""What must be true of signatures: each came from one accepted request, and the file says the same as the rows.

Read-only. ``cectrust.contracts.audit`` compares contracts with store and archive; this compares them with requests,
workflows and what our own validator reads in the files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cectrust.contracts.audit import Finding
from cectrust.contracts.model import Contract, Document
from cectrust.contracts.store import reading
from cectrust.pades.model import TrustStore, ValidationReport, Verdict
from cectrust.sdk.errors import CectrustError
from cectrust.sdk.protocols import BlobArea, BlobKey
from cectrust.signing import store
from cectrust.signing.model import RequestState, SigningRequest
from cectrust.work import Work


def audit(work: Work, trust: TrustStore, is_started: Callable[[str], bool]) -> Iterator[Finding]:
    """``is_started``: whether the workflow tables know a completion, whatever became of it; asked after the rows."""
    for contract in reading.walk(work.session):
        requests = store.requests_of(work.session, contract.id)
        yield from _request_findings(contract, requests, is_started)
        for document in contract.documents:
            yield from _slot_findings(contract, document, requests)
            if any(slot.signed_at for slot in document.slots):
                yield from _file_findings(work, contract, document, trust)


def _request_findings(
    contract: Contract, requests: list[SigningRequest], is_started: Callable[[str], bool]
) -> Iterator[Finding]:
    """What was accepted is being completed, is completed or was given back; and one at a time."""
    accepted = [request.id for request in requests if request.state is RequestState.ACCEPTED]
    if accepted != [contract.accepting_request_id] * bool(contract.accepting_request_id):
        yield Finding("acceptance_differs", "処理中の署名と契約の状態が一致しません。", contract.number)
    for request in requests:
        if request.state is not RequestState.PREPARED and not is_started(request.id):
            yield Finding("completion_missing", "受け付けた署名の処理が開始されていません。", request.id)


def _slot_findings(contract: Contract, document: Document, requests: list[SigningRequest]) -> Iterator[Finding]:
    """A slot is signed exactly if one request for it is completed, with the slot's file and person."""
    digests = {revision.id: revision.digest for revision in document.revisions}
    for slot in document.slots:
        completed = [
            (request.final_digest, request.signer_name, request.accepted_at)
            for request in requests
            if request.slot_id == slot.id and request.state is RequestState.COMPLETED
        ]
        signed = [(digests.get(str(slot.revision_id)), slot.signer, slot.signed_at)] if slot.signed_at else []
        if completed != signed:
            yield Finding(
                "signature_without_request",
                "署名済みの記録が、受け付けた署名と一致しません。",
                f"{contract.number} {slot.field}",
            )


def _file_findings(work: Work, contract: Contract, document: Document, trust: TrustStore) -> Iterator[Finding]:
    """The newest file holds exactly the signatures that the slots record, and every one of them is good."""
    try:
        report = _judged(work, document, trust)
    except CectrustError as error:
        yield Finding(error.code, error.ja, contract.number)
        return
    if report.stopped:
        yield Finding("signature_not_judged", report.reasons[0].ja, contract.number)
        return
    if report.verdict is not Verdict.TOTAL_PASSED and report.sub_indication != "INCOMPLETE":
        yield Finding("signature_not_valid", report.reasons[0].ja, contract.number)
    found = {(s.field, s.signer) for s in report.signatures if s.verdict is Verdict.TOTAL_PASSED}
    recorded = {(slot.field, slot.signer) for slot in document.slots if slot.signed_at}
    if found != recorded or len(report.signatures) != len(recorded):
        yield Finding("signers_differ", "ファイルの署名者が記録と一致しません。", contract.number)


def _judged(work: Work, document: Document, trust: TrustStore) -> ValidationReport:
    with tempfile.TemporaryDirectory(prefix="cectrust-audit-") as folder:
        path = Path(folder) / "newest.pdf"
        work.blobs.fetch(BlobKey(BlobArea.ORIGINALS, document.owner, document.current.digest), path)
        return work.parsers.validate(path, trust)
