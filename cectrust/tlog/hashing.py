"""Merkle tree hashing, RFC 6962 section 2.1 (the same in RFC 9162): SHA-256 with domain separation."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the 32-byte hash of a leaf holding `data`."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of an inner node over its two 32-byte children."""
    return sha256(b"\x01" + left + right).digest()


def split_point(size: int) -> int:
    """Return the largest power of two smaller than `size` (which is at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash over leaf (or equal-height subtree) hashes."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    left = split_point(len(hashes))
    return node_hash(merkle_root(hashes[:left]), merkle_root(hashes[left:]))
