"""The worker's side of a PKCS#12 file: its password is the PIN, and its key never leaves this process."""

from __future__ import annotations

import hashlib
from pathlib import Path

from asn1crypto import pem
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from ..processes.channel import Message
from ..processes.pinpipe import read_pin
from ..processes.sandbox import confine
from . import pkcs12_limits
from .failures import Answer, Failure
from .kinds import PKCS12_MODEL
from .publickeys import CURVES, mechanism_of, spki
from .signing import Sign
from .worker import Report

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
MECHANISMS = ["rsa_pkcs1v15_sha256", "ecdsa_sha256", "ecdsa_sha384"]
HASHES = {"ecdsa_sha256": hashes.SHA256(), "ecdsa_sha384": hashes.SHA384()}


def opened(octets: bytes, password: str) -> pkcs12.PKCS12KeyAndCertificates:
    """The file's content. Raises UnfitFile, and Failure("pin_incorrect") for a wrong password."""
    pkcs12_limits.check(octets)
    try:
        return pkcs12.load_pkcs12(octets, password.encode())
    except ValueError:
        raise Failure("pin_incorrect", pin_state="normal") from None


def certificates_of(content: pkcs12.PKCS12KeyAndCertificates) -> list[bytes]:
    """DER of the key's certificate and what else is in the file, in its order."""
    own = [content.cert] if content.cert is not None else []
    return [each.certificate.public_bytes(Encoding.DER) for each in [*own, *content.additional_certs]]


def usable_key(content: pkcs12.PKCS12KeyAndCertificates, der: bytes) -> PrivateKey:
    """The file's key, if it belongs to this certificate and the protocol knows its kind."""
    key = content.key
    if der not in certificates_of(content) or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Failure("cert_not_found")
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name not in CURVES:
        raise Failure("mechanism_unsupported")
    certified = x509.load_der_x509_certificate(der).public_key()
    if spki(key.public_key()) != spki(certified):  # type: ignore[arg-type]  # any kind has this encoding
        raise Failure("cert_not_found")
    return key


def signer(key: PrivateKey, mechanism: str) -> Sign:
    """What signs octets with `mechanism` of the protocol."""
    if mechanism != mechanism_of(key.public_key()):
        raise Failure("mechanism_unsupported")
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda octets: key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    return lambda octets: key.sign(octets, ec.ECDSA(HASHES[mechanism]))


class Pkcs12Store:
    """One file. It is `present` while it can be read, and another token when its content changes."""

    def __init__(self, path: str, certificates: str) -> None:
        confine()
        self._path, self._certificates = Path(path), Path(certificates)

    def tokens(self, _: Message) -> Answer:
        """The file as a token."""
        return {"tokens": [{"token": token} for token in self._present()]}

    def survey(self, _: Message) -> Answer:
        """The file with the public certificates that were noted when it was added."""
        ders = [der.hex() for _, _, der in pem.unarmor(self._certificates.read_bytes(), multiple=True)]
        return {"tokens": [{"token": token, "certificates": ders} for token in self._present()]}

    def sign(self, message: Message, report: Report) -> Answer:
        """Open with the password, sign everything, forget."""
        wanted = message.fields
        octets = self._shown(wanted)
        if not message.descriptors:
            raise Failure("device_error")
        content = opened(octets, read_pin(message.take_descriptor()))
        sign = signer(usable_key(content, bytes.fromhex(wanted["certificate"])), wanted["mechanism"])
        for done, each in enumerate(wanted["octets"], 1):
            report(done, sign(bytes.fromhex(each)))
        return {}

    def open(self, message: Message) -> Answer:
        """The certificates of a file that is being added; none if there is no key that signs with the first."""
        content = opened(pkcs12_limits.read(self._path), read_pin(message.take_descriptor()))
        if content.cert is None:
            return {"certificates": []}
        ders = certificates_of(content)
        usable_key(content, ders[0])
        return {"certificates": [der.hex() for der in ders]}

    def _present(self) -> list[Answer]:
        try:
            octets = pkcs12_limits.read(self._path)
        except (OSError, pkcs12_limits.UnfitFile):
            return []
        return [self._describe(octets)]

    def _describe(self, octets: bytes) -> Answer:
        return {
            "label": self._path.name,
            "serial": hashlib.sha256(octets).hexdigest()[:16],
            "manufacturer": "",
            "model": PKCS12_MODEL,
            "pin_state": "normal",
            "protected_path": False,
            "mechanisms": MECHANISMS,
            "key_types": [],
        }

    def _shown(self, wanted: Answer) -> bytes:
        """The file, if it is the one the person was shown."""
        try:
            octets = pkcs12_limits.read(self._path)
        except (OSError, pkcs12_limits.UnfitFile):
            raise Failure("token_removed") from None
        if self._describe(octets)["serial"] != wanted["token"]["serial"]:
            raise Failure("token_removed")
        return octets

    def _refuse(self, _: Message) -> Answer:
        """A file is made, renewed and given its password elsewhere."""
        raise Failure("mechanism_unsupported")

    change_pin = generate = request = store = _refuse
