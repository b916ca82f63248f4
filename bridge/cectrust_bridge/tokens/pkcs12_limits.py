"""Is this PKCS#12 file (RFC 7292) one that may be tried? Sizes and work factors, before any password is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from asn1crypto import pkcs12
from asn1crypto.algos import EncryptionAlgorithm

MAX_FILE = 1 << 20
MAX_ITERATIONS = 2_000_000
"""OWASP recommends 600,000 to 1,300,000 for PBKDF2; a bomb asks for 2³¹ and holds the worker for an hour."""


class UnfitFile(ValueError):
    """The file is not PKCS#12, or would cost too much to open."""


def read(path: Path) -> bytes:
    """The file. Raises OSError and UnfitFile."""
    with path.open("rb") as file:
        octets = file.read(MAX_FILE + 1)
    if len(octets) > MAX_FILE:
        raise UnfitFile("larger than 1 MiB")
    return octets


def check(octets: bytes) -> None:
    """Raises UnfitFile. What is inside an encrypted part is bounded by the worker's time limit only."""
    try:
        counts = list(_iterations(pkcs12.Pfx.load(octets, strict=True)))
    except UnfitFile:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnfitFile("not a PKCS#12 file") from error
    if any(not 1 <= count <= MAX_ITERATIONS for count in counts):
        raise UnfitFile("asks for too many iterations")


def _iterations(pfx: pkcs12.Pfx) -> Iterator[int]:
    mac = pfx["mac_data"]
    if not mac:
        raise UnfitFile("nothing in the file would tell a wrong password")
    yield mac["iterations"].native
    for part in pfx.authenticated_safe:
        kind = part["content_type"].native
        if kind == "encrypted_data":
            yield _count(part["content"]["encrypted_content_info"]["content_encryption_algorithm"])
        elif kind == "data":
            yield from _shrouded(part["content"].native)
        else:
            raise UnfitFile("encrypted for a public key")


def _shrouded(octets: bytes) -> Iterator[int]:
    for bag in pkcs12.SafeContents.load(octets, strict=True):
        if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
            yield _count(bag["bag_value"]["encryption_algorithm"])


def _count(algorithm: EncryptionAlgorithm) -> int:
    """Iterations of PBKDF2 or of PKCS#12's own derivation. scrypt would cost memory as well."""
    if algorithm["algorithm"].native == "pbes2" and algorithm.kdf != "pbkdf2":
        raise UnfitFile("a key derivation that is not PBKDF2")
    return int(algorithm.kdf_iterations)
