"""Values of the signing room. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cectrust.pades.model import Mechanism, PreparedDocument, Reason, SignerCertificate
from cectrust.sdk.errors import CectrustError
from cectrust.sdk.protocols import CertificateKind, Digest, Instant

SECOND = 1_000_000
REQUEST_LIFE = 10 * 60 * SECOND
"""Working copies of an expired request stay for this long, for a download may be under way."""
RESULT_LIFE = 24 * 3600 * SECOND
"""From the order to the last moment at which its result is taken: as long as bridges keep results (decision 060)."""
MOST_DOCUMENTS = 200
MOST_BYTES = 512 << 20
"""Of all documents of one batch: what the bridge takes in at once (bridge/PROTOCOL.md, 6)."""
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
    session: str | None
    """Digest of the session whose page connected; nothing is sent over it in another one."""
    origin: str
    challenge: str
    bridge_id: str | None
    cn: str | None
    created_at: Instant


@dataclass(frozen=True)
class SigningRequest:
    """One document that is to be signed, by whom, with what; prepared once, accepted at most once."""

    id: str
    state: RequestState
    account_id: str
    contract_id: str
    contract_version: int
    document_id: str
    slot_id: str
    binding_id: str
    batch_id: str
    """The ``jti`` under which the bridge is asked."""
    owner: str
    """Company whose blob area holds the bytes: the sender's."""
    signer: SignerCertificate
    kind: str
    signer_name: str
    prepared: PreparedDocument
    created_at: Instant
    expires_at: Instant
    """Until then it may be ordered."""
    ordered_at: Instant | None
    """When the bridge was last asked for it; its result is taken for ``RESULT_LIFE`` from then on."""
    signature: bytes | None
    accepted_at: Instant | None
    embedded_digest: Digest | None
    extended_digest: Digest | None
    final_digest: Digest | None
    final_size: int | None
    failure_ja: str
    failure_en: str

    def may_be_ordered(self, now: Instant) -> bool:
        return self.state is RequestState.PREPARED and now < self.expires_at

    def may_be_answered(self, now: Instant) -> bool:
        return self.ordered_at is not None and now < self.ordered_at + RESULT_LIFE

    @property
    def started(self) -> bool:
        """Was a signature for it accepted, whatever its completion has reached?"""
        return self.state in (RequestState.ACCEPTED, RequestState.COMPLETED)

    @property
    def mechanism(self) -> Mechanism:
        return self.prepared.mechanism


@dataclass(frozen=True)
class BatchItem:
    """One contract of a batch. ``request_id`` once it was prepared; ``refusal_…`` says why it cannot be signed."""

    ordinal: int
    contract_id: str
    request_id: str | None
    refusal_ja: str
    refusal_en: str


@dataclass(frozen=True)
class Batch:
    """Contracts that one person signs under one request. ``id`` is the ``jti``.

    ``certificate`` (DER) and ``expires_at`` are there once he chose; ``connection_id`` once the bridge was asked.
    """

    id: str
    account_id: str
    connection_id: str | None
    certificate: bytes | None
    created_at: Instant
    expires_at: Instant | None
    items: tuple[BatchItem, ...]


@dataclass(frozen=True)
class CertificateChoice:
    """A certificate that the bridge offered, and how many of the contracts it may sign; if none, why."""

    sha256: str
    holder: str
    """Empty if it cannot be read."""
    issuer: str
    not_after: Instant | None
    kind: CertificateKind | None
    contracts: int
    why: CectrustError | None
    warnings: tuple[Reason, ...] = ()
    """What the person should know of it; it stands in nobody's way (T18)."""

    @property
    def usable(self) -> bool:
        return self.contracts > 0
