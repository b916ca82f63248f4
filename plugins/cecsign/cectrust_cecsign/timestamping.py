"""A key and certificate for a local time-stamping authority: demo and tests, never 認定.

The key lies in a file, because the local TSA that comes with the product reads files. Anybody who reads the file
can date anything; a TSA that others rely on keeps its key in an HSM.
"""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy.orm import Session

from cectrust.sdk.protocols import Actor, PluginContext
from cectrust_cecsign.cakeys import open_ca_key
from cectrust_cecsign.errors import SecretFileRefused
from cectrust_cecsign.hierarchy import policy, publication
from cectrust_cecsign.instants import now
from cectrust_cecsign.issuing import Plan, key_fingerprint, record_intent, sign_intent
from cectrust_cecsign.model import Authority, Profile
from cectrust_cecsign.names import authority_name
from cectrust_cecsign.profiles import timestamping_extensions
from cectrust_cecsign.secretfiles import read_secret, write_secret
from cectrust_cecsign.settings import settings_of
from cectrust_cecsign.store import authorities, certificates
from cectrust_cecsign.validity import validity_from

KEY_FILE = "tsa-key.pem"
CHAIN_FILE = "tsa-chain.pem"
RSA_BITS = 3072


def issue_tsa(context: PluginContext, actor: Actor, directory: Path) -> tuple[Path, Path]:
    """Write ``tsa-key.pem`` (PKCS#8, 0600) and ``tsa-chain.pem`` (TSA certificate, TSA root) and return both paths.

    The key is on disk before its certificate is on record; called again, it finishes what it began.
    """
    key_path, chain_path = directory / KEY_FILE, directory / CHAIN_FILE
    key = _ensure_key(key_path)
    with context.transaction() as session:
        serial = _ensure_intent(context, session, key.public_key())
    with open_ca_key(context, Authority.TSA) as ca_key, context.transaction() as session:
        certificate = sign_intent(context, session, actor, serial, ca_key)
        root = authorities.certificate_of(session, Authority.TSA)
    chain_path.write_bytes(pem(certificate) + pem(root))
    return key_path, chain_path


def pem(der: bytes) -> bytes:
    """A DER certificate in PEM."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def _ensure_key(path: Path) -> rsa.RSAPrivateKey:
    if path.exists():
        key = load_pem_private_key(read_secret(path), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise SecretFileRefused(detail=f"{path}: not RSA")
        return key
    path.parent.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(65537, RSA_BITS)
    write_secret(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


def _ensure_intent(context: PluginContext, session: Session, key: rsa.RSAPublicKey) -> str:
    recorded = certificates.serial_of_key(session, key_fingerprint(key))
    return recorded or record_intent(context, session, _plan(context, session, key))


def _plan(context: PluginContext, session: Session, key: rsa.RSAPublicKey) -> Plan:
    settings = settings_of(context)
    extensions = timestamping_extensions(key, policy(context), publication(session, context, Authority.TSA))
    subject = authority_name(settings.organisation, settings.common_names.timestamping)
    validity = validity_from(now(context.clock), settings.timestamping_years)
    return Plan(Profile.TIMESTAMPING, Authority.TSA, subject, key, validity, extensions)
