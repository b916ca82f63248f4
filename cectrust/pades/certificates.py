"""Which keys and certificates may sign (T18), and the DER of what a signer signs."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute

from cectrust.pades.errors import CertificateRefused
from cectrust.pades.model import Mechanism, Reason

RSA_SIZES = (2048, 3072, 4096)
RSA_2048_ACCEPTED_UNTIL = datetime(2031, 1, 1, tzinfo=UTC)
_CURVES = {"secp256r1": Mechanism.ECDSA_SHA256, "secp384r1": Mechanism.ECDSA_SHA384}
_WEAK_HASHES = (hashes.SHA1, hashes.MD5)


@lru_cache(maxsize=256)
def mechanism_for(certificate: bytes) -> Mechanism:
    """Return the one mechanism for a DER certificate: RSA PKCS#1 v1.5, or ECDSA on P-256 or P-384.

    Raises `CertificateRefused` for any other key, RSA below 2048 bits, or SHA-1 (T18).
    """
    parsed = parse_certificate(certificate)
    if isinstance(parsed.signature_hash_algorithm, _WEAK_HASHES):
        raise _refused(
            "weak_hash",
            "この電子証明書はSHA-1等の古い方式で発行されているため使えません。",
            "The certificate was issued with SHA-1 or MD5, which is not accepted.",
        )
    return _mechanism_of(parsed.public_key())


def _mechanism_of(key: object) -> Mechanism:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_SIZES:
        return Mechanism.RSA_PKCS1V15_SHA256
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    raise _refused(
        "weak_key",
        "この電子証明書の鍵の種類または長さは使えません（RSA 2048・3072・4096、P-256、P-384のみ）。",
        "The key's type or length is not accepted (RSA 2048, 3072 or 4096, P-256 or P-384 only).",
    )


def certificate_warnings(certificate: bytes) -> tuple[Reason, ...]:
    """Return what an accepted certificate should be warned about: RSA-2048 valid past 2030 (T18)."""
    parsed = parse_certificate(certificate)
    key = parsed.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size >= 3072:
        return ()
    if parsed.not_valid_after_utc < RSA_2048_ACCEPTED_UNTIL:
        return ()
    return (
        Reason(
            "rsa_2048_past_2030",
            "この電子証明書は2031年以降も有効ですが、その鍵（RSA 2048ビット）は2031年からは十分に安全とみなされません。"
            "いまの署名には差し支えありません。次の更新では、3072ビット以上の鍵にしてください。",
            "This certificate is valid past 2030, but its key (RSA-2048) will no longer count as safe from 2031. "
            "Signing now is fine; move to RSA-3072 or stronger on renewal.",
        ),
    )


def parse_certificate(certificate: bytes) -> x509.Certificate:
    """Parse one DER certificate; raises `CertificateRefused` for anything else."""
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        parsed.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _refused(
            "certificate_unreadable", "電子証明書を読み取れません。", "The certificate can't be parsed."
        ) from error
    return parsed


@lru_cache(maxsize=256)
def asn1_certificate(certificate: bytes) -> asn1_x509.Certificate:
    """Parse one DER certificate for the CMS library; fully, so that a later access can't fail."""
    parse_certificate(certificate)
    return asn1_x509.Certificate.load(certificate, strict=True)


@lru_cache(maxsize=256)
def _ess_attribute(certificate: bytes) -> bytes:
    """DER of the signing-certificate-v2 attribute: the costly half, the same for every document."""
    value = as_signing_certificate_v2(asn1_certificate(certificate))
    der: bytes = simple_cms_attribute("signing_certificate_v2", value).dump()
    return der


def signed_attributes(message_digest: bytes, certificate: bytes) -> bytes:
    """Return the DER `SET OF Attribute` the bridge signs.

    Exactly content-type, message-digest and signing-certificate-v2, in DER order.
    Source: RFC 5652 section 11, RFC 5035 section 3, ETSI EN 319 142-1 table 1.
    """
    attributes = cms.CMSAttributes(
        [
            simple_cms_attribute("content_type", "data"),
            simple_cms_attribute("message_digest", message_digest),
            cms.CMSAttribute.load(_ess_attribute(certificate)),
        ]
    )
    der: bytes = attributes.dump()
    return der


def _refused(code: str, ja: str, en: str) -> CertificateRefused:
    return CertificateRefused(code, ja, en)
