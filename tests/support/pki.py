"""A small real PKI for tests: signer CAs and a TSA under different roots, CRLs and OCSP made on demand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from cectrust.pades.model import SignerCertificate, TrustStore
from tests.support.key_usage import usage

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
DAY = dt.timedelta(days=1)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


@cache
def rsa_key(bits: int = 2048, serial: int = 0) -> rsa.RSAPrivateKey:
    """One key per size and use in a session: making RSA keys is the slowest part of these tests."""
    del serial
    return rsa.generate_private_key(65537, bits)


@dataclass
class Entity:
    """A key and its certificate; a CA keeps what it revoked."""

    key: Any
    certificate: x509.Certificate
    issuer: Entity | None = None
    revoked: dict[int, dt.datetime] = field(default_factory=dict)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def revoke(self, entity: Entity, when: dt.datetime | None = None) -> None:
        self.revoked[entity.certificate.serial_number] = when or now() - dt.timedelta(hours=1)

    def crl(self) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now() - dt.timedelta(minutes=5))
            .next_update(now() + 7 * DAY)
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        for serial, when in self.revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def ocsp(self, entity: Entity) -> bytes:
        """A response signed by this CA itself."""
        when = self.revoked.get(entity.certificate.serial_number)
        status = ocsp.OCSPCertStatus.GOOD if when is None else ocsp.OCSPCertStatus.REVOKED
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                entity.certificate,
                self.certificate,
                hashes.SHA256(),
                status,
                now() - dt.timedelta(minutes=5),
                now() + DAY,
                when,
                None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate)
        )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "試験建設株式会社"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def issue(
    name: str,
    key: Any,
    issuer: Entity | None,
    *,
    ca: bool = False,
    tsa: bool = False,
    ocsp_url: str | None = "http://ocsp.test.invalid/",
    not_before: dt.datetime | None = None,
    lifetime: dt.timedelta = 700 * DAY,
    digest: Any = None,
    crl_url: str = "http://crl.test.invalid/ca.crl",
) -> Entity:
    """Issue one certificate; without `issuer` it is self-signed."""
    start = not_before or now() - DAY
    subject = _name(name)
    signer_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()), critical=False)
        .add_extension(usage(ca), critical=True)
    )
    if issuer is not None:
        url = x509.UniformResourceIdentifier(crl_url)
        point = x509.DistributionPoint([url], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if issuer is not None and not ca and not tsa and ocsp_url is not None:
        responder = x509.UniformResourceIdentifier(ocsp_url)
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, responder)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    if tsa:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, critical=True)
    return Entity(key, builder.sign(signer_key, digest or hashes.SHA256()), issuer)


class LocalTimestamper:
    """The `Timestamper` protocol over pyHanko's in-process authority, with our own test keys."""

    def __init__(self, tsa: Entity, at: dt.datetime | None = None) -> None:
        der = tsa.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        above = [asn1_x509.Certificate.load(tsa.issuer.der)] if tsa.issuer else []
        self.authority = DummyTimeStamper(
            asn1_x509.Certificate.load(tsa.der),
            keys.PrivateKeyInfo.load(der),
            SimpleCertificateStore.from_certs(above),
            fixed_dt=at,
            include_nonce=False,
        )

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        _, request = self.authority.request_cms(digest, algorithm)
        return self.authority.request_tsa_response(request)["time_stamp_token"].dump()


@dataclass
class Pki:
    """Root → issuing CA → two people; TSA root → TSA. `trust` is what an operator would configure."""

    root: Entity
    issuing: Entity
    tsa_root: Entity
    tsa: Entity
    hanako: Entity
    taro: Entity

    @property
    def trust(self) -> TrustStore:
        return TrustStore((self.root.der,), (self.issuing.der,), (self.tsa_root.der,))

    @property
    def timestamper(self) -> LocalTimestamper:
        return LocalTimestamper(self.tsa)

    def signer(self, person: Entity) -> SignerCertificate:
        assert person.issuer is not None
        return SignerCertificate(person.der, (person.issuer.der,))

    def _entities(self) -> list[Entity]:
        return [self.root, self.issuing, self.tsa_root, self.tsa, self.hanako, self.taro]

    def ocsp(self, certificate: bytes, issuer: bytes) -> bytes | None:
        """RevocationSource: OCSP for people only."""
        del issuer
        person = next((e for e in (self.hanako, self.taro) if e.der == certificate), None)
        return person.issuer.ocsp(person) if person and person.issuer else None

    def crls(self, certificate: bytes) -> list[bytes]:
        """RevocationSource: CRLs for everybody."""
        entity = next((e for e in self._entities() if e.der == certificate), None)
        return [entity.issuer.crl()] if entity and entity.issuer else []


def build_pki(
    not_before: dt.datetime | None = None,
    ocsp_url: str | None = "http://ocsp.test.invalid/",
    crls: str = "http://crl.test.invalid",
) -> Pki:
    """A fresh PKI; people hold RSA-2048 (hanako) and P-256 (taro). `crls` is where CRLs are fetched by CA name."""
    start = not_before or now() - 2 * DAY
    ca: dict[str, Any] = {"ca": True, "not_before": start}
    under = {name: f"{crls}/{name}.crl" for name in ("root", "issuing", "tsa_root")}
    root = issue("試験ルートCA", rsa_key(2048, 1), None, lifetime=7000 * DAY, **ca)
    issuing = issue("試験発行CA", rsa_key(2048, 2), root, lifetime=5000 * DAY, crl_url=under["root"], **ca)
    tsa_root = issue("試験TSAルート", rsa_key(2048, 3), None, lifetime=7000 * DAY, **ca)
    tsa = issue(
        "試験TSA",
        rsa_key(2048, 4),
        tsa_root,
        tsa=True,
        not_before=start,
        lifetime=4000 * DAY,
        crl_url=under["tsa_root"],
    )
    person: dict[str, Any] = {"not_before": start, "ocsp_url": ocsp_url, "crl_url": under["issuing"]}
    hanako = issue("建設 花子", rsa_key(2048, 5), issuing, **person)
    taro = issue("工務 太郎", ec.generate_private_key(ec.SECP256R1()), issuing, **person)
    return Pki(root, issuing, tsa_root, tsa, hanako, taro)


def sign_raw(entity: Entity, data: bytes) -> bytes:
    """What a token does: RSA PKCS#1 v1.5 or ECDSA over SHA-2, ECDSA as DER."""
    if isinstance(entity.key, rsa.RSAPrivateKey):
        return entity.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    digest = hashes.SHA384() if entity.key.curve.name == "secp384r1" else hashes.SHA256()
    signature: bytes = entity.key.sign(data, ec.ECDSA(digest))
    return signature
