"""Record, examine, sign: how every certificate of this CA comes into being.

The order can't be changed by a caller: `record_intent` writes down and lints what will be signed, `sign_intent`
signs exactly that. RSASSA-PKCS1-v1_5 is deterministic, so signing again after a crash gives the same certificate.
"""

from dataclasses import dataclass
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from sqlalchemy.orm import Session

from cectrust.sdk.protocols import Act, Actor, PluginContext
from cectrust_cecsign.cakeys import certified_key
from cectrust_cecsign.errors import IssuerEndsTooSoon, KeyAlreadyCertified, RegisterBroken
from cectrust_cecsign.instants import now
from cectrust_cecsign.keys import TokenRsaKey, public_key_der
from cectrust_cecsign.lint import lint_certificate
from cectrust_cecsign.model import Authority, Profile, Validity
from cectrust_cecsign.profiles import SubjectKey
from cectrust_cecsign.store import authorities, certificates
from cectrust_cecsign.strength import check_strength
from cectrust_cecsign.tbs import Extension, assemble, build_tbs, new_serial, precertificate, sign_tbs


@dataclass(frozen=True)
class Plan:
    """A certificate to be: ``subject`` is a DER Name; ``self_signed`` for roots."""

    profile: Profile
    issuer: Authority
    subject: bytes
    key: SubjectKey
    validity: Validity
    extensions: list[Extension]
    self_signed: bool = False


def record_intent(context: PluginContext, session: Session, plan: Plan) -> str:
    """Check, lint and record what will be signed; returns its serial number. Nothing is signed by a CA key yet.

    Raises:
        WeakKey: rule T18.
        KeyAlreadyCertified: the key was or will be certified already.
        IssuerEndsTooSoon: the certificate would outlive its issuer.
        LintFailed: pkilint found a fault in the pre-certificate.
    """
    check_strength(plan.key)
    key_sha256 = key_fingerprint(plan.key)
    if (taken := certificates.serial_of_key(session, key_sha256)) is not None:
        raise KeyAlreadyCertified(detail=taken)
    tbs = _tbs(session, plan, serial := new_serial())
    lint_certificate(precertificate(tbs))
    intent = certificates.Intent(serial, plan.issuer, plan.profile, tbs, der=None)
    certificates.add_intent(session, intent, key_sha256, plan.validity, now(context.clock))
    return serial


def sign_intent(context: PluginContext, session: Session, actor: Actor, serial: str, key: TokenRsaKey) -> bytes:
    """Sign what was recorded under ``serial`` and return the DER certificate; one that is signed is returned as it is.

    The signature is verified before it is kept: a faulty signature can betray the key that made it.
    """
    intent = certificates.intent(session, serial)
    if intent.der is not None:
        return intent.der
    signature = sign_tbs(key, intent.tbs)
    _verify(_issuer_key(session, intent, key), signature, intent.tbs)
    der = assemble(intent.tbs, signature)
    lint_certificate(der)
    certificates.mark_issued(session, serial, der, now(context.clock))
    detail = {"profile": intent.profile.value, "issuer": intent.issuer.value, "sha256": sha256(der).hexdigest()}
    context.journal.record(session, actor, Act("cecsign.certificate_issued", serial, detail=detail))
    return der


def key_fingerprint(key: SubjectKey) -> str:
    """SHA-256 of the DER SubjectPublicKeyInfo, hexadecimal."""
    return sha256(public_key_der(key)).hexdigest()


def _tbs(session: Session, plan: Plan, serial: str) -> bytes:
    issuer_name = plan.subject
    if not plan.self_signed:
        issuer = x509.load_der_x509_certificate(authorities.certificate_of(session, plan.issuer))
        if plan.validity.not_after > issuer.not_valid_after_utc:
            raise IssuerEndsTooSoon(
                detail=f"{plan.validity.not_after:%Y-%m-%d} > {issuer.not_valid_after_utc:%Y-%m-%d}"
            )
        issuer_name = issuer.subject.public_bytes()
    key = public_key_der(plan.key)
    return build_tbs(serial, issuer_name, plan.subject, key, plan.validity, plan.extensions)


def _issuer_key(session: Session, intent: certificates.Intent, key: TokenRsaKey) -> rsa.RSAPublicKey:
    """The public key that must verify: a root's own, or the issuer's certified one."""
    if intent.profile in {Profile.ROOT, Profile.TSA_ROOT}:
        return key.public_key()
    return certified_key(session, intent.issuer)


def _verify(key: rsa.RSAPublicKey, signature: bytes, tbs: bytes) -> None:
    try:
        key.verify(signature, tbs, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise RegisterBroken(detail="the token's signature does not verify under the issuer's certificate") from error
