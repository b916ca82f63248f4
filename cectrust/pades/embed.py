"""The second half of a signature: check what the bridge returned and put it into the file."""

from __future__ import annotations

from pathlib import Path

from cectrust.pades.model import Mechanism, PreparedDocument, SignerCertificate
from cectrust.pades.protocols import Timestamper


def verify_raw_signature(
    certificate: bytes, mechanism: Mechanism, signed_attributes: bytes, signature: bytes
) -> None:
    """Return None if `signature` over `signed_attributes` verifies under the DER certificate's key.

    ECDSA signatures are DER `ECDSA-Sig-Value`. Raises `SignatureRefused` otherwise.
    """
    raise NotImplementedError


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
    safe. Raises `SignatureRefused` when the file isn't the prepared one or the signature is bad.
    """
    raise NotImplementedError
