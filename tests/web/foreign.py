"""What is another company's: a real row behind every id that an address can carry."""

from __future__ import annotations

from cectrust.authentication import store as authentication
from cectrust.authentication.model import Challenge, Purpose
from cectrust.certificates import store as certificates
from cectrust.certificates.model import Binding, facts_of
from cectrust.contracts import service as contracts
from cectrust.identity import step_up
from cectrust.pades.model import Mechanism, PreparedDocument, SignerCertificate
from cectrust.platform import Platform
from cectrust.sdk.protocols import Actor, BlobArea, Instant
from cectrust.signing import bridge_store, bridges, connections, service, store
from cectrust.signing.bridge_model import RegisteredBridge
from cectrust.signing.model import RequestState, SigningRequest
from cectrust.work import Work
from tests.support.blobs import kept
from tests.support.pki import build_pki
from tests.support.proof import confirmed

BRIDGE, BINDING, CHALLENGE, REQUEST = "b" * 43, "d" * 32, "c" * 32, "e" * 32


def belongings(platform: Platform, actor: Actor, contract_id: str) -> dict[str, str]:
    """Ids by the name that they have in addresses. The owner reaches each in this session of his; nobody else may."""
    with platform.work() as work:
        now = work.clock.now()
        bridge_store.register(
            work.session, RegisteredBridge(BRIDGE, actor.id, {}, "0" * 32, "机", "Debian", now, None, None, None)
        )
        connection = connections.open_connection(actor, work, platform.settings.server.base_url)
        certificate = _binding(work, actor.id, now)
        authentication.insert_challenge(work.session, _challenge(actor, connection.id, certificate, now))
        batch = service.select(actor, work, [contract_id]).id
        needed = step_up.StepUpNeeded("bridge.removed", BRIDGE, "机")
        return {
            "contract_id": contract_id,
            "consent_id": contracts.ask_consent(actor, work, contract_id).id,
            "batch_id": batch,
            "request_id": _request(work, actor, contract_id, batch),
            "connection_id": connection.id,
            "bridge_id": BRIDGE,
            "code_id": bridges.make_code(confirmed(work, actor, "bridge.code_made"), work).id,
            "binding_id": BINDING,
            "challenge_id": CHALLENGE,
            "confirmation_id": step_up.ask(actor, work, needed).id,
        }


def _binding(work: Work, account_id: str, now: Instant) -> str:
    facts = facts_of(build_pki(ocsp_url=None).hanako.der)
    binding = Binding(
        BINDING, account_id, "test", facts.der, facts.sha256, "髙﨑 𠮷乃", facts.not_before, facts.not_after
    )
    certificates.insert_binding(work.session, binding, facts, now)
    return facts.sha256


def _request(work: Work, owner: Actor, contract_id: str, batch_id: str) -> str:
    """Prepared, with a few octets as its document."""
    drafted = contracts.contract(owner, work, contract_id)
    revision = drafted.document.current
    contracts.record_fields(owner, work, drafted, ["Signature1", "Signature2"], revision.digest, revision.size)
    contract = contracts.contract(owner, work, contract_id)
    document, now = contract.document, work.clock.now()
    stored = kept(work.blobs, BlobArea.WORKING, document.owner, b"%PDF-")
    mechanism = Mechanism("rsa_pkcs1v15_sha256")
    prepared = PreparedDocument("Signature1", mechanism, b"", 0, 0, b"", stored.key.digest, stored.size)
    request = SigningRequest(
        id=REQUEST,
        state=RequestState.PREPARED,
        account_id=owner.id,
        contract_id=contract_id,
        contract_version=contract.version,
        document_id=document.id,
        slot_id=document.slots[0].id,
        binding_id=BINDING,
        batch_id=batch_id,
        owner=document.owner,
        signer=SignerCertificate(b""),
        kind="test",
        signer_name="髙﨑 𠮷乃",
        prepared=prepared,
        created_at=now,
        expires_at=now,
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
    store.insert_request(work.session, request)
    return request.id


def _challenge(owner: Actor, connection_id: str, certificate_sha256: str, now: Instant) -> Challenge:
    return Challenge(
        id=CHALLENGE,
        account_id=owner.id,
        session=owner.session,
        purpose=Purpose.LOGIN,
        confirmation_id=None,
        act=None,
        nonce="A" * 43,
        connection_id=connection_id,
        bridge_id=BRIDGE,
        origin="http://localhost:8710",
        issuer="http://localhost:8710",
        certificate_sha256=certificate_sha256,
        mechanism="rsa_pkcs1v15_sha256",
        created_at=now,
        expires_at=Instant(now + 120_000_000),
        used_at=None,
    )
