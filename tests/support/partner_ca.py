"""A fictitious partner CA for tests: root, issuing CA, holders, and the TOML file that describes it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tests.support.key_usage import usage

POLICY = "2.25.139214705612830479105938172560284739105"
"""OID of the fictitious policy: a UUID of its own (ITU-T X.667)."""
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
TOML = """
code = "partner-aos-test"
label_ja = "AOS型電子証明書（試験用）"
label_en = "AOS-type certificate (test)"
anchors = ["root.pem"]
intermediates = ["issuing.pem"]
policy_oids = ["{policy}"]
revocation_hosts = ["{host}"]

[subject]
required = ["country_name", "organization_name", "common_name"]
fixed = {{ country_name = "JP" }}
"""


@dataclass(frozen=True)
class PartnerCa:
    """A CA that can issue, and the file that a provider is made from."""

    description: Path
    host: str
    issuing_key: ec.EllipticCurvePrivateKey
    issuing: x509.Certificate
    root_key: ec.EllipticCurvePrivateKey
    root: x509.Certificate

    def crl(self, name: str) -> bytes:
        """What ``root.crl`` or ``issuing.crl`` holds: nothing is revoked. DER, valid for a day."""
        authority, key = (self.root, self.root_key) if name == "root" else (self.issuing, self.issuing_key)
        now = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
        builder = x509.CertificateRevocationListBuilder(authority.subject, now, now + dt.timedelta(days=1))
        builder = builder.add_extension(_authority_key(authority), critical=False)
        return (
            builder.add_extension(x509.CRLNumber(1), critical=False)
            .sign(key, hashes.SHA384())
            .public_bytes(Encoding.DER)
        )

    def issue(
        self, public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, **changes: str | None
    ) -> x509.Certificate:
        """A holder's certificate. ``changes``: ``policy``, ``country``, ``organization``, ``common_name``."""
        told = {
            "policy": POLICY,
            "country": "JP",
            "organization": "試験建設株式会社",
            "common_name": "髙﨑 𠮷乃",
            **changes,
        }
        return (
            _builder(self.issuing.subject, _name(told), public_key)
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(_authority_key(self.issuing), critical=False)
            .add_extension(usage(False), critical=True)
            .add_extension(_policies(told["policy"] or POLICY), critical=False)
            .add_extension(_crl_point(f"http://{self.host}/issuing.crl"), critical=False)
            .add_extension(_ocsp_access(f"http://{self.host}/ocsp"), critical=False)
            .sign(self.issuing_key, hashes.SHA256())
        )


def make_partner(directory: Path, host: str = "crl.partner.example:80") -> PartnerCa:
    """Make the CA in ``directory``; its CRL and OCSP responder are said to be at ``host`` (``host:port``)."""
    directory.mkdir(parents=True, exist_ok=True)
    root_key, issuing_key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _authority_name("試験用 提携ルート"), _authority_name("試験用 提携発行局")
    root = _authority(root_name, root_name, root_key, root_key)
    issuing = _authority(root_name, name, root_key, issuing_key, f"http://{host}/root.crl")
    (directory / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (directory / "issuing.pem").write_bytes(issuing.public_bytes(Encoding.PEM))
    description = directory / "partner.toml"
    description.write_text(TOML.format(policy=POLICY, host=host), "utf-8")
    return PartnerCa(description, host, issuing_key, issuing, root_key, root)


def _builder(
    issuer: x509.Name, subject: x509.Name, key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    serial = x509.random_serial_number()
    builder = x509.CertificateBuilder(issuer, subject, key, serial)
    builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=365))
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _authority(
    issuer: x509.Name,
    subject: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    crl: str | None = None,
) -> x509.Certificate:
    builder = _builder(issuer, subject, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
    builder = builder.add_extension(usage(True), critical=True)
    if crl is not None:
        builder = builder.add_extension(_crl_point(crl), critical=False)
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return builder.add_extension(authority_key, critical=False).sign(issuer_key, hashes.SHA384())


def _authority_name(common_name: str) -> x509.Name:
    return _name({"country": "JP", "organization": "試験用 提携認証局（認定外）", "common_name": common_name})


def _name(told: dict[str, str | None]) -> x509.Name:
    oids = {
        "country": NameOID.COUNTRY_NAME,
        "organization": NameOID.ORGANIZATION_NAME,
        "common_name": NameOID.COMMON_NAME,
    }
    return x509.Name([x509.NameAttribute(oid, told[key]) for key, oid in oids.items() if told[key]])  # type: ignore[arg-type]


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value)


def _policies(oid: str) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(oid), None)])


def _crl_point(url: str) -> x509.CRLDistributionPoints:
    name = x509.UniformResourceIdentifier(url)
    return x509.CRLDistributionPoints([x509.DistributionPoint([name], None, None, None)])


def _ocsp_access(url: str) -> x509.AuthorityInformationAccess:
    method = x509.oid.AuthorityInformationAccessOID.OCSP
    return x509.AuthorityInformationAccess([x509.AccessDescription(method, x509.UniformResourceIdentifier(url))])
