"""Preparing one contract of a batch for its signature; a page asks for each, several at a time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from cectrust.certificates import service as certificates
from cectrust.certificates.model import SigningCertificate
from cectrust.clock import new_id, to_datetime
from cectrust.contracts import service as contracts
from cectrust.contracts.model import Contract, Slot
from cectrust.faults import declare, failpoint
from cectrust.pades.model import PreparedDocument, SignerCertificate
from cectrust.sdk.errors import CectrustError, Conflict, NotFound
from cectrust.sdk.protocols import Actor, BlobArea, BlobKey, Digest, Instant
from cectrust.signing import batch_store, store
from cectrust.signing.model import MOST_BYTES, Batch, BatchItem, RequestState, SigningRequest
from cectrust.signing.orders import request_over
from cectrust.signing.seal import seal_image
from cectrust.signing.service.accepting import check_still_good
from cectrust.signing.service.batches import changed, own_batch, own_request
from cectrust.work import Tools, Work, Workplace

declare("signing.fields", "signing.prepare")


def prepare(actor: Actor, place: Workplace, batch_id: str, ordinal: int) -> SigningRequest:
    """Prepare one contract's document for this actor's signature; what is prepared already is answered again.

    The certificate is checked first, then fields of all parties are added (once per document), then the file is
    prepared and kept; the row names everything that acceptance will compare. A refusal is noted beside the contract.

    Raises:
        NotFound, Forbidden, Conflict: as ever; not this party's turn; no certificate was chosen, or too long ago.
        InputRefused: the certificate may not sign this.
    """
    with place.reading() as work:
        batch = own_batch(actor, work, batch_id)
        item = _item(batch, ordinal)
        ready = _ready(actor, work, batch, item)
    if ready is not None:
        return ready
    try:
        return _prepare_anew(actor, place, batch, item)
    except CectrustError as refusal:
        with place.work() as work:
            batch_store.refuse_item(work.session, batch.id, item, refusal.ja, refusal.en)
        raise


def add_fields(actor: Actor, place: Workplace, batch_id: str, ordinal: int) -> None:
    """Give one contract's document its signature fields now, if it has none: no certificate is needed for that.

    `prepare` would do it, too; a page asks for it while the person's bridge is looked for.

    Raises:
        NotFound, Forbidden, Conflict: as ever; not this party's turn.
    """
    with place.reading() as work:
        item = _item(own_batch(actor, work, batch_id), ordinal)
        contract, slot = contracts.slot_to_sign(actor, work, item.contract_id)
    if slot is not None:
        return
    with tempfile.TemporaryDirectory(prefix="cectrust-prepare-") as folder:
        _with_fields(actor, place, contract, Path(folder))


def prepared_document(actor: Actor, work: Work, request_id: str) -> tuple[SigningRequest, BlobKey]:
    """Where the bytes lie that the bridge will be sent."""
    found = own_request(actor, work, request_id)
    return found, BlobKey(BlobArea.WORKING, found.owner, Digest(found.prepared.file_sha256))


def expiry_of(batch: Batch) -> Instant:
    """Raises ``Conflict`` before a certificate was chosen."""
    if batch.expires_at is None:
        raise Conflict(
            "certificate_missing",
            "署名に使う電子証明書が選ばれていません。「署名を始める」からやり直し、電子証明書を選んでください。",
            "No certificate was chosen. Start signing again and choose one.",
        )
    return batch.expires_at


def _item(batch: Batch, ordinal: int) -> BatchItem:
    if not 0 <= ordinal < len(batch.items):
        raise NotFound("契約", "contract")
    return batch.items[ordinal]


def _ready(actor: Actor, work: Work, batch: Batch, item: BatchItem) -> SigningRequest | None:
    """The item's request if it can still be signed as it is. Raises ``Conflict`` if it was signed."""
    if item.request_id is None:
        return None
    found = own_request(actor, work, item.request_id)
    if found.started:
        raise Conflict("already_signed", "すでに署名済みです。", "This party has signed already.")
    if found.state is RequestState.FAILED or found.signer.certificate != batch.certificate:
        return None
    try:
        check_still_good(actor, work, found)
    except CectrustError:
        return None
    return found if found.may_be_ordered(work.clock.now()) else None


def _prepare_anew(actor: Actor, place: Workplace, batch: Batch, item: BatchItem) -> SigningRequest:
    expiry_of(batch)
    with place.reading() as work:
        contract, _ = contracts.slot_to_sign(actor, work, item.contract_id)
    recognised = certificates.recognise(place, batch.certificate or b"")
    with place.reading() as work:
        chosen = certificates.check_for_signing(actor, work, recognised, contract.kinds)
    with tempfile.TemporaryDirectory(prefix="cectrust-prepare-") as folder:
        contract, slot, base = _with_fields(actor, place, contract, Path(folder))
        prepared = _prepare(place, slot, chosen, base, Path(folder) / "prepared.pdf")
        place.blobs.keep(BlobArea.WORKING, contract.document.owner, Path(folder) / "prepared.pdf")
    failpoint("signing.prepare.before")
    with place.work() as work:
        written = _write(actor, work, item, _new_request(work, batch, contract, slot, chosen, prepared))
    failpoint("signing.prepare.after")
    return written


def _write(actor: Actor, work: Work, item: BatchItem, found: SigningRequest) -> SigningRequest:
    others = batch_store.requests_of_batch(work.session, found.batch_id)
    others.pop(item.ordinal, None)
    if sum(other.prepared.size for other in others.values()) + found.prepared.size > MOST_BYTES:
        raise Conflict(
            "batch_too_large",
            "一度に署名できる大きさ（合計 512 MB）を超えます。この契約は、ほかの契約とは別に署名してください。",
            "More than 512 MB cannot be signed at once; sign this contract apart from the others.",
        )
    if not found.may_be_ordered(work.clock.now()):
        raise request_over()
    check_still_good(actor, work, found)
    store.insert_request(work.session, found)
    values = {"request_id": found.id, "refusal_ja": "", "refusal_en": ""}
    batch_store.change_item(work.session, found.batch_id, item.ordinal, values)
    return found


def _with_fields(actor: Actor, place: Workplace, contract: Contract, folder: Path) -> tuple[Contract, Slot, Path]:
    """The contract with a slot for every party, this party's slot, and the file to prepare."""
    base, digest = folder / "base.pdf", contract.document.current.digest
    place.blobs.fetch(BlobKey(BlobArea.ORIGINALS, contract.document.owner, digest), base)
    if not contract.document.slots:
        target = folder / "fields.pdf"
        base, digest = target, _with_new_fields(actor, place, contract, base, target)
    with place.reading() as work:
        contract, slot = contracts.slot_to_sign(actor, work, contract.id)
    if slot is None or contract.document.current.digest != digest:
        raise changed()
    return contract, slot, base


def _with_new_fields(actor: Actor, place: Workplace, contract: Contract, base: Path, target: Path) -> Digest:
    names = [f"Signature{party.ordinal + 1}" for party in contract.parties]
    place.parsers.add_fields(base, target, names)
    kept = place.blobs.keep(BlobArea.ORIGINALS, contract.document.owner, target)
    failpoint("signing.fields.before")
    with place.work() as work:
        contracts.record_fields(actor, work, contract, names, kept.key.digest, kept.size)
    failpoint("signing.fields.after")
    return kept.key.digest


def _prepare(tools: Tools, slot: Slot, chosen: SigningCertificate, base: Path, target: Path) -> PreparedDocument:
    signer = SignerCertificate(chosen.facts.der, chosen.chain)
    seal = seal_image(chosen.facts.holder)
    return tools.parsers.prepare(base, target, slot.field, signer, seal, to_datetime(tools.clock.now()))


def _new_request(
    work: Work, batch: Batch, contract: Contract, slot: Slot, chosen: SigningCertificate, prepared: PreparedDocument
) -> SigningRequest:
    now = work.clock.now()
    return SigningRequest(
        id=new_id(work.clock),
        state=RequestState.PREPARED,
        account_id=batch.account_id,
        contract_id=contract.id,
        contract_version=contract.version,
        document_id=contract.document.id,
        slot_id=slot.id,
        binding_id=chosen.binding_id,
        batch_id=batch.id,
        owner=contract.document.owner,
        signer=SignerCertificate(chosen.facts.der, chosen.chain),
        kind=chosen.kind,
        signer_name=chosen.facts.holder,
        prepared=prepared,
        created_at=now,
        expires_at=expiry_of(batch),
        ordered_at=None,
        signature=None,
        accepted_at=None,
        embedded_digest=None,
        extended_digest=None,
        final_digest=None,
        final_size=None,
        failure_ja="",
        failure_en="",
    )
