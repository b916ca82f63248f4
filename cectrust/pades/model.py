"""Values of the signing engine: what goes into and comes out of `cectrust.pades`.

Files are named by path, never held as bytes, so that a 100 MB contract stays far under the memory
budget. Lengths are bytes, coordinates PDF points (1/72 inch) with the origin at the lower left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST = 1800.0
"""Seconds that comparing the pictures of revisions may take where nobody waits at a page."""


class Mechanism(StrEnum):
    """How the signed attributes are signed; the names travel in the bridge protocol."""

    RSA_PKCS1V15_SHA256 = "rsa_pkcs1v15_sha256"
    ECDSA_SHA256 = "ecdsa_sha256"
    ECDSA_SHA384 = "ecdsa_sha384"

    @property
    def digest_algorithm(self) -> str:
        """Digest of document and attributes alike: `sha256` or `sha384`."""
        return self.value.rpartition("_")[2]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Where a seal is shown on its page, in points."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class FieldSlot:
    """One signature field of one party. `page` counts from 0; -1 is the last page."""

    name: str
    page: int
    rectangle: Rectangle


@dataclass(frozen=True, slots=True)
class SignerCertificate:
    """The person's certificate and the CA certificates above it, DER; `chain` needs no root."""

    certificate: bytes
    chain: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class SealImage:
    """The visible seal: a PNG, optionally with transparency, at most 1 MiB and 4 megapixels."""

    png: bytes


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A file that waits for its signature, and all that is needed to finish it later.

    `message_digest` is over the two byte ranges (everything but the reserved region
    `reserved_start:reserved_end`, delimiters included); `file_sha256` (hex) and `size` are of the
    whole prepared file, as the bridge receives it. `signed_attributes` is the DER `SET OF Attribute`
    that the bridge must produce byte for byte (RFC 5652 section 5.4, ETSI EN 319 142-1 section 6).
    """

    field: str
    mechanism: Mechanism
    message_digest: bytes
    reserved_start: int
    reserved_end: int
    signed_attributes: bytes
    file_sha256: str
    size: int

    @property
    def digest_algorithm(self) -> str:
        """`sha256` or `sha384`, as the mechanism demands."""
        return self.mechanism.digest_algorithm


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is, or what intake found: a stable code and two sentences."""

    code: str
    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class PageSize:
    """Visible size of a page in points, rotation applied."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """An accepted upload. `findings` are warnings about hidden content; empty means clean."""

    size: int
    sha256: str
    pages: tuple[PageSize, ...]
    signatures: tuple[str, ...]
    findings: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class TrustStore:
    """Configured trust, DER certificates. `tsa_anchors` vouch for time only, `anchors` for signers only."""

    anchors: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    tsa_anchors: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class ConcludedSigner:
    """A signature that the concluded contract holds, as the server or a receipt knows it."""

    field: str
    name: str


@dataclass(frozen=True, slots=True)
class ConcludedFacts:
    """What was concluded. `file_sha256` (hex) is the digest of the final revision, `size` its bytes."""

    file_sha256: str
    size: int
    signers: tuple[ConcludedSigner, ...] = ()


class Verdict(StrEnum):
    """Main indication of ETSI EN 319 102-1 section 5.1.3."""

    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"


class Level(StrEnum):
    """PAdES baseline level as found in the file (ETSI EN 319 142-1 section 6)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


class Coverage(StrEnum):
    """How much of the file a signature covers."""

    ENTIRE_FILE = "ENTIRE_FILE"
    REVISION = "REVISION"
    UNCLEAR = "UNCLEAR"


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature, in file order. `time` is proven where `time_proven`, else what the file claims (UTC)."""

    field: str
    signer: str
    certificate_sha256: str
    level: Level | None
    verdict: Verdict
    sub_indication: str | None
    time: datetime | None
    time_proven: bool
    covers: Coverage
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    """What is to be known of the certificate and changes no verdict (T18)."""


@dataclass(frozen=True, slots=True)
class TimestampReport:
    """One document timestamp, in file order; `time` is what the TSA states (UTC)."""

    field: str
    authority: str
    verdict: Verdict
    time: datetime | None
    covers: Coverage
    reasons: tuple[Reason, ...] = ()

    @property
    def ahead(self) -> bool:
        """Whether nothing is wrong but that its time is still to come by the clock of whoever judged."""
        return any(reason.code == "timestamp_ahead" for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """The verdict on a whole file. `reasons` are never empty; the first one leads."""

    verdict: Verdict
    sub_indication: str | None
    file_sha256: str
    size: int
    signatures: tuple[SignatureReport, ...]
    timestamps: tuple[TimestampReport, ...]
    unsigned_fields: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def stopped(self) -> bool:
        """Whether nothing was judged because the parser did not finish; trying again may help."""
        return any(reason.code == "parser_stopped" for reason in self.reasons)

    @property
    def ahead(self) -> bool:
        """Whether a timestamp's time is still to come by our clock, so that judging has to wait."""
        return self.verdict is Verdict.INDETERMINATE and any(stamp.ahead for stamp in self.timestamps)
