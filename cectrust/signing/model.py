"""Values of the signing room. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cectrust.pades.model import Mechanism, PreparedDocument, SignerCertificate
from cectrust.sdk.protocols import Digest, Instant

SECOND = 1_000_000
REQUEST_LIFE = 10 * 60 * SECOND
"""A prepared request is good for this long, once."""
CONNECTION_LIFE = 12 * 3600 * SECOND
PDF = "application/pdf"


class RequestState(StrEnum):
    PREPARED = "prepared"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True)
class Connection:
    """One page's connection to one bridge. ``cn`` and ``bridge_id`` are set once the bridge's hello verified."""

    id: str
    account_id: str
    origin: str
    challenge: str
    bridge_id: str | None
    cn: str | None
    created_at: Instant


@dataclass(frozen=True)
class SigningRequest:
    """What is to be signed, by whom, with what; prepared once, accepted at most once. ``id`` is the ``jti``."""

    id: str
    state: RequestState
    account_id: str
    contract_id: str
    contract_version: int
    document_id: str
    slot_id: str
    binding_id: str
    connection_id: str | None
    owner: str
    """Company whose blob area holds the bytes: the sender's."""
    signer: SignerCertificate
    kind: str
    signer_name: str
    prepared: PreparedDocument
    created_at: Instant
    expires_at: Instant
    signature: bytes | None
    accepted_at: Instant | None
    embedded_digest: Digest | None
    extended_digest: Digest | None
    final_digest: Digest | None
    final_size: int | None
    failure_ja: str

    @property
    def mechanism(self) -> Mechanism:
        return self.prepared.mechanism


@dataclass(frozen=True)
class CertificateChoice:
    """A certificate that the bridge offered, and whether it may sign this contract; if not, why."""

    sha256: str
    holder: str
    issuer: str
    not_after: Instant | None
    kind_ja: str
    usable: bool
    why_ja: str
