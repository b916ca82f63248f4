"""Words and values of the certification service: authorities, profiles, states, people (pure)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Authority(StrEnum):
    """A certification authority of ours. The TSA has a root of its own: if the signers' CA is ever
    revoked, timestamps must still prove when a signature existed."""

    ROOT = "root"
    ISSUING = "issuing"
    TSA = "tsa"


class Profile(StrEnum):
    """What a certificate is for; each value has one function in ``profiles``."""

    ROOT = "root"
    ISSUING = "issuing"
    TSA_ROOT = "tsa-root"
    RESPONDER = "ocsp-responder"
    TIMESTAMPING = "timestamping"
    SUBSCRIBER = "subscriber"


class CertificateState(StrEnum):
    """INTENDED: what will be signed is on record. ISSUED: it has been signed."""

    INTENDED = "intended"
    ISSUED = "issued"


class EnrolmentState(StrEnum):
    """How far one enrolment has come; every step is repeatable from the state before it. ABANDONED: an officer
    gave it up; what was issued has been revoked."""

    BEGUN = "begun"
    REQUESTED = "requested"
    ISSUED = "issued"
    DELIVERED = "delivered"
    ABANDONED = "abandoned"


class KeyKind(StrEnum):
    """Key types made on a subscriber's token."""

    RSA2048 = "rsa2048"
    RSA3072 = "rsa3072"
    P256 = "p256"
    P384 = "p384"


class Reason(StrEnum):
    """Reasons for revocation (RFC 5280 5.3.1); ``removeFromCRL`` and ``certificateHold`` are not offered
    because a revocation here is final."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    CA_COMPROMISE = "cACompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn"


@dataclass(frozen=True)
class Person:
    """The natural person a certificate names. ``legal_name`` is kept exactly as entered: no Unicode
    normalisation, for that would change 神 福 﨑 in their registered forms."""

    legal_name: str
    romanised: str
    organisation: str
    unit: str | None = None


@dataclass(frozen=True)
class Validity:
    """A certificate's life in UTC, whole seconds, both ends included (RFC 5280 4.1.2.5)."""

    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class IssuedCertificate:
    """A signed certificate as the register holds it. ``serial`` is hexadecimal, ``der`` X.509."""

    serial: str
    issuer: Authority
    profile: Profile
    der: bytes


@dataclass(frozen=True)
class Revocation:
    """One entry of the register of revocations (電子署名法施行規則12条: kept with reason and requester)."""

    serial: str
    reason: Reason
    requester: str
    evidence: str
    revoked_at: datetime


@dataclass(frozen=True)
class TokenAddress:
    """Where a token is: the PKCS#11 ``module`` and either the token's ``label`` or the ``slot`` id."""

    module: Path
    label: str | None = None
    slot: int | None = None


@dataclass(frozen=True)
class TokenIdentity:
    """What a token says of itself: model and serial number."""

    model: str
    serial: str
