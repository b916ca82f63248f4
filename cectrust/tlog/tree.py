"""Roots and proofs of a tree whose hashes are kept in tiles: RFC 9162 sections 2.1.3.1 and 2.1.4.1.

A reader hands out hashes of whole tile levels only (level L: subtrees of 256**L leaves), so a proof in
a log of a million leaves reads three short runs of hashes and never the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cectrust.tlog.errors import TreeRangeInvalid
from cectrust.tlog.hashing import EMPTY_ROOT, leaf_hash, merkle_root, node_hash, split_point

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT


class HashReader(Protocol):
    """Where the hashes of a log come from: a database, tiles, or memory."""

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """Return exactly `count` hashes of tile level `level` from index `start`, or raise.

        The hash at index i of level L is the root over the leaves [i * 256**L, (i + 1) * 256**L).
        Only complete subtrees are asked for.
        """


class MemoryTree:
    """A log in memory: a `HashReader` for tests, audits and small trees."""

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    def append(self, data: bytes) -> int:
        """Append a leaf holding `data`; return its index."""
        return self.append_hash(leaf_hash(data))

    def append_hash(self, leaf: bytes) -> int:
        """Append a leaf by its 32-byte leaf hash; return its index."""
        self._levels[0].append(leaf)
        for level, value in completed_tiles(self, self.size):
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(value)
        return self.size - 1

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """See `HashReader.hashes`."""
        found = self._levels[level][start : start + count] if level < len(self._levels) else []
        if len(found) != count:
            raise TreeRangeInvalid(f"level {level} has no {count} hashes from {start}")
        return found


class Frontier:
    """The right edge of a growing tree: its root at every size, in the memory of one hash per level."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def append_hash(self, leaf: bytes) -> Sequence[tuple[int, bytes]]:
        """Append a 32-byte leaf hash; return (height, root) of each perfect subtree that it completed."""
        completed: list[tuple[int, bytes]] = []
        height, carried = 0, leaf
        while self.size >> height & 1:
            height, carried = height + 1, node_hash(self._edge.pop(), carried)
            completed.append((height, carried))
        self._edge.append(carried)
        self.size += 1
        return completed

    @property
    def root(self) -> bytes:
        """Root over all leaves so far."""
        if not self._edge:
            return EMPTY_ROOT
        *rest, result = self._edge
        for left in reversed(rest):
            result = node_hash(left, result)
        return result


def completed_tiles(reader: HashReader, size: int) -> Sequence[tuple[int, bytes]]:
    """Return (tile level, hash) of each tile that the last of `size` leaves completed, lowest first."""
    completed: list[tuple[int, bytes]] = []
    index, level, carried = size, 0, b""
    while index and index % TILE_WIDTH == 0:
        below = reader.hashes(level, index - TILE_WIDTH, TILE_WIDTH - bool(carried))
        carried = merkle_root([*below, carried] if carried else below)
        index, level = index // TILE_WIDTH, level + 1
        completed.append((level, carried))
    return completed


def tree_root(reader: HashReader, size: int) -> bytes:
    """Return the 32-byte root of the first `size` leaves."""
    return _range_root(reader, 0, size) if size else EMPTY_ROOT


def inclusion_proof(reader: HashReader, index: int, size: int) -> tuple[bytes, ...]:
    """Return the proof, leaf upwards, that leaf `index` is in the tree of `size` leaves."""
    if not 0 <= index < size:
        raise TreeRangeInvalid(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + split_point(high - low)
        if index < middle:
            path.append(_range_root(reader, middle, high))
            high = middle
        else:
            path.append(_range_root(reader, low, middle))
            low = middle
    return tuple(reversed(path))


def consistency_proof(reader: HashReader, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of `new_size` leaves extends the one of `old_size` (at least 1)."""
    if not 0 < old_size <= new_size:
        raise TreeRangeInvalid(f"sizes {old_size} and {new_size} are out of order")
    path: list[bytes] = []
    low, high = 0, new_size
    while high != old_size:
        middle = low + split_point(high - low)
        if old_size <= middle:
            path.append(_range_root(reader, middle, high))
            high = middle
        else:
            path.append(_range_root(reader, low, middle))
            low = middle
    # A left edge at zero means the verifier already holds this node: it is the older root.
    if low:
        path.append(_range_root(reader, low, high))
    return tuple(reversed(path))


def _range_root(reader: HashReader, low: int, high: int) -> bytes:
    count = high - low
    if count & (count - 1) == 0 and low % count == 0:
        return _perfect_root(reader, low, count)
    middle = low + split_point(count)
    return node_hash(_range_root(reader, low, middle), _range_root(reader, middle, high))


def _perfect_root(reader: HashReader, low: int, count: int) -> bytes:
    level, height = divmod(count.bit_length() - 1, TILE_HEIGHT)
    return merkle_root(reader.hashes(level, low >> (level * TILE_HEIGHT), 1 << height))
