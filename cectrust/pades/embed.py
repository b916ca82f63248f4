"""The second half of a signature: check what the bridge returned and put it into the file."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from pathlib import Path
from typing import BinaryIO

from asn1crypto import cms
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from cectrust.pades.certificates import asn1_certificate, mechanism_for, parse_certificate
from cectrust.pades.documents import file_size
from cectrust.pades.errors import SignatureRefused
from cectrust.pades.model import Mechanism, PreparedDocument, SignerCertificate
from cectrust.pades.protocols import Timestamper
from cectrust.pades.timestamps import ObtainedToken, request_token

_HASHES = {"sha256": hashes.SHA256, "sha384": hashes.SHA384}


def verify_raw_signature(certificate: bytes, mechanism: Mechanism, signed_attributes: bytes, signature: bytes) -> None:
    """Return None if `signature` over `signed_attributes` verifies under the DER certificate's key.

    ECDSA signatures are DER `ECDSA-Sig-Value`. Raises `SignatureRefused` otherwise.
    """
    if mechanism is not mechanism_for(certificate):
        raise _refused(
            "mechanism_mismatch",
            "署名方式が電子証明書と合いません。",
            "The signature mechanism doesn't fit the certificate.",
        )
    key = parse_certificate(certificate).public_key()
    digest = _HASHES[mechanism.digest_algorithm]()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed_attributes, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed_attributes, ec.ECDSA(digest))
    except (InvalidSignature, ValueError) as error:
        raise _refused(
            "signature_invalid",
            "電子署名を検証できません。もう一度署名してください。",
            "The signature doesn't verify; please sign again.",
        ) from error


def embed(
    prepared_file: Path,
    target: Path,
    prepared: PreparedDocument,
    signer: SignerCertificate,
    signature: bytes,
    timestamper: Timestamper | None,
) -> None:
    """Write the signed file (PAdES B-T; without a timestamper B-B) to `target`.

    The raw signature is verified first. `prepared_file` is never changed, so a repeated call is
    safe. Raises `SignatureRefused` when the file isn't the prepared one or the signature is bad, `Unavailable`
    when the token is over something else; whether it chains to an anchor is the timestamper's to know.
    Only size and reserved region are compared here: validating the result rehashes the file anyway.
    """
    verify_raw_signature(signer.certificate, prepared.mechanism, prepared.signed_attributes, signature)
    with prepared_file.open("rb") as stream:
        _check_prepared(stream, prepared)
    token = None if timestamper is None else _timestamp(timestamper, prepared, signature)
    contents = asyncio.run(_build_cms(prepared, signer, signature, token)).dump().hex().upper()
    room = prepared.reserved_end - prepared.reserved_start - 2
    if len(contents) > room:
        raise _refused(
            "no_room",
            "タイムスタンプが大きすぎて署名欄に入りません。管理者に連絡してください。",
            "The timestamp token is too large for the reserved region.",
        )
    shutil.copyfile(prepared_file, target)
    with target.open("r+b") as stream:
        stream.seek(prepared.reserved_start + 1)
        stream.write(contents.encode())


def _check_prepared(stream: BinaryIO, prepared: PreparedDocument) -> None:
    stream.seek(prepared.reserved_start)
    region = stream.read(prepared.reserved_end - prepared.reserved_start)
    empty = b"<" + b"0" * (len(region) - 2) + b">"
    if file_size(stream) != prepared.size or region != empty:
        raise _refused(
            "prepared_file_changed",
            "署名の準備をした文書と一致しません。署名をやり直してください。",
            "This is not the file that was prepared for the signature; please start again.",
        )


def _timestamp(timestamper: Timestamper, prepared: PreparedDocument, signature: bytes) -> cms.ContentInfo:
    """The signature timestamp is over the signature's value (RFC 3161 appendix A)."""
    algorithm = prepared.digest_algorithm
    return request_token(timestamper, hashlib.new(algorithm, signature).digest(), algorithm)


async def _build_cms(
    prepared: PreparedDocument, signer: SignerCertificate, signature: bytes, token: cms.ContentInfo | None
) -> cms.ContentInfo:
    external = ExternalSigner(
        signing_cert=asn1_certificate(signer.certificate),
        cert_registry=SimpleCertificateStore.from_certs(map(asn1_certificate, signer.chain)),
        signature_value=signature,
        embed_roots=False,
    )
    return await external.async_sign_prescribed_attributes(
        prepared.digest_algorithm,
        cms.CMSAttributes.load(prepared.signed_attributes),
        timestamper=None if token is None else ObtainedToken(token),
    )


def _refused(code: str, ja: str, en: str) -> SignatureRefused:
    return SignatureRefused(code, ja, en)
