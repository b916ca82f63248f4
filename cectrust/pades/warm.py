"""For the warm process: does once, before any foreign file, what each of its workers would otherwise do anew.

Libraries import modules, compile patterns and build tables when they are first used; a worker lives for one task. So
a certificate of our own is judged at import, and nothing of it is kept but what the libraries remember.
"""

from __future__ import annotations

import asyncio
import encodings.ascii
import encodings.utf_16_be
import encodings.utf_16_le  # noqa: F401
from datetime import UTC, datetime, timedelta

import pyhanko.pdf_utils.filters
import pyhanko.pdf_utils.metadata.xmp_xml  # noqa: F401
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cectrust.pades.certificates import asn1_certificate
from cectrust.pades.trust import find_path


def rehearse() -> None:
    """Find the path of a self-signed certificate and its holder's below it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("試験 Rehearsal CA")
    authority, holder = _certificate(key, name, name, ca=True), _certificate(key, _name("試験 太郎"), name, ca=False)
    asyncio.run(find_path(asn1_certificate(holder), [asn1_certificate(authority)], [authority]))


def _certificate(key: ec.EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name, *, ca: bool) -> bytes:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


rehearse()
