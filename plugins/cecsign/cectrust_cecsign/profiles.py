"""Certificate profiles: which extensions each kind of certificate carries (RFC 5280, 6960, 3161; our CP/CPS).

Each function takes the subject's key and where its issuer publishes, and returns extensions in order.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from cectrust_cecsign.names import COUNTRY, romanised
from cectrust_cecsign.tbs import Extension

SubjectKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True)
class Publication:
    """Where an issuer's certificate, CRL and OCSP are found, and its key; ``ocsp`` is None without a responder."""

    issuer_key: SubjectKey
    certificate_url: str
    crl_url: str
    ocsp_url: str | None


@dataclass(frozen=True)
class Policy:
    """Certificate policy: dotted OID and the address of the certification practice statement."""

    oid: str
    cps_url: str


def root_extensions(key: SubjectKey) -> list[Extension]:
    """The root of the signers' hierarchy: one CA level below it."""
    return _ca(key, key, path_length=1)


def tsa_root_extensions(key: SubjectKey) -> list[Extension]:
    """The TSA's own root issues TSA certificates directly."""
    return _ca(key, key, path_length=0)


def issuing_extensions(key: SubjectKey, policy: Policy, publication: Publication) -> list[Extension]:
    """The CA that issues to subscribers, under the root."""
    return [
        *_ca(key, publication.issuer_key, path_length=0),
        _policies(policy),
        *_published(publication),
    ]


def responder_extensions(key: SubjectKey, issuer_key: SubjectKey) -> list[Extension]:
    """A delegated OCSP responder (RFC 6960 4.2.2.2.1); ``nocheck`` because nobody could vouch for its status,
    which is why it lives for weeks only and carries no address of revocation data."""
    return [
        _end_entity(),
        _key_usage(digital_signature=True),
        Extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])),
        Extension(x509.OCSPNoCheck()),
        _subject_key(key),
        _authority_key(issuer_key),
    ]


def timestamping_extensions(key: SubjectKey, policy: Policy, publication: Publication) -> list[Extension]:
    """A time-stamping unit (RFC 3161 2.3): one extended key usage, critical."""
    return [
        _end_entity(),
        _key_usage(digital_signature=True),
        Extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True),
        _policies(policy),
        *_published(publication),
        _subject_key(key),
        _authority_key(publication.issuer_key),
    ]


def subscriber_extensions(
    key: SubjectKey, romanised_name: str, policy: Policy, publication: Publication
) -> list[Extension]:
    """A natural person who signs contracts; the romanised name is a DirectoryName in subjectAltName."""
    return [
        _key_usage(digital_signature=True, content_commitment=True),
        _policies(policy),
        Extension(x509.SubjectAlternativeName([x509.DirectoryName(_romanised_name(romanised_name))])),
        *_published(publication),
        _subject_key(key),
        _authority_key(publication.issuer_key),
    ]


def _ca(key: SubjectKey, issuer_key: SubjectKey, path_length: int) -> list[Extension]:
    # A root names its own key as authority too: RFC 5280 lets it leave that out, but then its
    # pre-certificate, which is not self-signed, would not pass the linter.
    return [
        Extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True),
        _key_usage(key_cert_sign=True, crl_sign=True),
        _subject_key(key),
        _authority_key(issuer_key),
    ]


def _end_entity() -> Extension:
    return Extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)


def _romanised_name(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, romanised(name)),
        ]
    )


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> Extension:
    usage = x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
    return Extension(usage, critical=True)


def _policies(policy: Policy) -> Extension:
    information = x509.PolicyInformation(x509.ObjectIdentifier(policy.oid), [policy.cps_url])
    return Extension(x509.CertificatePolicies([information]))


def _published(publication: Publication) -> list[Extension]:
    crl = x509.DistributionPoint([x509.UniformResourceIdentifier(publication.crl_url)], None, None, None)
    access = [_access(AuthorityInformationAccessOID.CA_ISSUERS, publication.certificate_url)]
    if publication.ocsp_url is not None:
        access.insert(0, _access(AuthorityInformationAccessOID.OCSP, publication.ocsp_url))
    return [Extension(x509.CRLDistributionPoints([crl])), Extension(x509.AuthorityInformationAccess(access))]


def _access(method: x509.ObjectIdentifier, url: str) -> x509.AccessDescription:
    return x509.AccessDescription(method, x509.UniformResourceIdentifier(url))


def _subject_key(key: SubjectKey) -> Extension:
    return Extension(x509.SubjectKeyIdentifier.from_public_key(key))


def _authority_key(issuer_key: SubjectKey) -> Extension:
    return Extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key))
