"""Verification of inclusion and consistency proofs: RFC 9162 sections 2.1.3.2 and 2.1.4.2.

Nothing here trusts a length, an order or an index: what does not lead exactly to the root is refused.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from cectrust.tlog.errors import ProofInvalid
from cectrust.tlog.hashing import HASH_SIZE, node_hash


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root of the tree of `size` leaves that `proof` implies for leaf hash `leaf` at `index`.

    All hashes are 32 bytes, the proof runs from the leaf up. Raises `ProofInvalid`.
    """
    _require_hashes([leaf, *proof])
    if not 0 <= index < size:
        raise ProofInvalid(f"leaf {index} is not in a tree of {size}")
    position, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            position, last = _skip_to_right_child(position, last)
        else:
            result = node_hash(result, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise ProofInvalid("the proof is too short")
    return result


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return None if the leaf hash is at `index` of the tree (`size`, `root`); else raise `ProofInvalid`."""
    if not hmac.compare_digest(root_from_inclusion(leaf, index, size, proof), root):
        raise ProofInvalid("the leaf does not lead to the root")


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return None if the tree (`new_size`, `new_root`) extends the older one; else raise `ProofInvalid`.

    A proof from the empty tree shows nothing, so an `old_size` of 0 is refused.
    """
    _require_hashes(proof)
    if not 0 < old_size <= new_size:
        raise ProofInvalid(f"sizes {old_size} and {new_size} are out of order")
    if old_size == new_size:
        _require_equal_trees(old_root, new_root, proof)
        return
    implied_old, implied_new = _roots_from_consistency(old_size, old_root, new_size, proof)
    if not hmac.compare_digest(implied_old, old_root):
        raise ProofInvalid("the proof does not lead to the older root")
    if not hmac.compare_digest(implied_new, new_root):
        raise ProofInvalid("the proof does not lead to the newer root")


def _roots_from_consistency(
    old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    # An older tree that is one perfect subtree is itself the proof's first node and is left out.
    nodes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not nodes:
        raise ProofInvalid("the proof is empty")
    position, last = _skip_to_left_child(old_size - 1, new_size - 1)
    old = new = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            position, last = _skip_to_right_child(position, last)
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise ProofInvalid("the proof is too short")
    return old, new


def _skip_to_right_child(position: int, last: int) -> tuple[int, int]:
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _skip_to_left_child(position: int, last: int) -> tuple[int, int]:
    while position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _require_equal_trees(old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofInvalid("equal trees have an empty proof")
    if not hmac.compare_digest(old_root, new_root):
        raise ProofInvalid("trees of one size have two roots")


def _require_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(value) != HASH_SIZE for value in hashes):
        raise ProofInvalid("a hash is not 32 bytes long")
