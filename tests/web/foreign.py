"""What is another company's: a real row behind every id that an address can carry."""

from __future__ import annotations

from dataclasses import replace

from cectrust.authentication import store as authentication
from cectrust.authentication.model import Challenge, Purpose
from cectrust.certificates import store as certificates
from cectrust.certificates.model import Binding, facts_of
from cectrust.contracts import service as contracts
from cectrust.identity import step_up
from cectrust.identity.model import Account
from cectrust.platform import Platform
from cectrust.sdk.protocols import Instant
from cectrust.signing import bridge_store, bridges, connections, service
from cectrust.signing.bridge_model import RegisteredBridge
from cectrust.work import Work
from tests.support.pki import build_pki
from tests.support.proof import confirmed

BRIDGE, BINDING, CHALLENGE = "b" * 43, "d" * 32, "c" * 32


def belongings(platform: Platform, owner: Account, contract_id: str) -> dict[str, str]:
    """Ids by the name that they have in addresses. The owner sees each of them; nobody else may."""
    actor = replace(owner.actor, session="a" * 64)
    with platform.work() as work:
        now = work.clock.now()
        bridge_store.register(
            work.session, RegisteredBridge(BRIDGE, owner.id, {}, "0" * 32, "机", "Debian", now, None, None, None)
        )
        connection = connections.open_connection(actor, work, platform.settings.server.base_url)
        certificate = _binding(work, owner.id, now)
        authentication.insert_challenge(work.session, _challenge(owner.id, connection.id, certificate, now))
        needed = step_up.StepUpNeeded("bridge.removed", BRIDGE, "机")
        return {
            "contract_id": contract_id,
            "consent_id": contracts.ask_consent(actor, work, contract_id).id,
            "batch_id": service.select(actor, work, [contract_id]).id,
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


def _challenge(account_id: str, connection_id: str, certificate_sha256: str, now: Instant) -> Challenge:
    return Challenge(
        id=CHALLENGE,
        account_id=account_id,
        session="a" * 64,
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
