"""The published form of a log: C2SP tlog-tiles (tiles of height 8 and entry bundles).

A log of any size is plain files that never change once full, so any static store can serve it and
any public client or witness can follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cectrust.tlog.errors import TreeRangeInvalid
from cectrust.tlog.hashing import HASH_SIZE
from cectrust.tlog.tree import TILE_HEIGHT, TILE_WIDTH, HashReader

ENTRIES = -1
_MAX_LEVEL = 5  # 6 levels of 8 bits hold 2**48 leaves, the bound tlog-tiles itself states
_PATH = re.compile(
    r"tile/(?P<level>entries|[0-5])/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile's place: level (`ENTRIES` for entry bundles), index in the level, width 1 to 256."""

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not (ENTRIES <= self.level <= _MAX_LEVEL and self.index >= 0 and 0 < self.width <= TILE_WIDTH):
            raise TreeRangeInvalid(f"no tile at level {self.level}, index {self.index}, width {self.width}")

    @property
    def path(self) -> str:
        """Path below the log's prefix, such as `tile/0/x001/x234/067.p/12`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_index_path(self.index)}{partial}"

    @property
    def start(self) -> int:
        """Index, within the level, of the tile's first hash."""
        return self.index * TILE_WIDTH


def parse_tile_path(path: str) -> Tile:
    """Return the tile that `path` names; only the one canonical spelling is accepted."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise TreeRangeInvalid("not a tile path")
    level = ENTRIES if match["level"] == "entries" else int(match["level"])
    index = int(match["index"].replace("x", "").replace("/", ""))
    tile = Tile(level, index, int(match["width"] or TILE_WIDTH))
    if tile.path != path:
        raise TreeRangeInvalid("not a canonical tile path")
    return tile


def tiles_between(old_size: int, new_size: int) -> Iterator[Tile]:
    """Yield the hash tiles and entry bundles that must be written when a log grows to `new_size`."""
    yield from _new_tiles(ENTRIES, old_size, new_size)
    for level in range(_MAX_LEVEL + 1):
        old_count, new_count = old_size >> (level * TILE_HEIGHT), new_size >> (level * TILE_HEIGHT)
        yield from _new_tiles(level, old_count, new_count)


def read_tile(reader: HashReader, tile: Tile) -> bytes:
    """Return the bytes of a hash tile: `width` concatenated 32-byte hashes."""
    return b"".join(reader.hashes(tile.level, tile.start, tile.width))


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each leaf's data behind its big-endian 16-bit length."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_entries(bundle: bytes) -> tuple[bytes, ...]:
    """Return the leaf data of an entry bundle; raises `TreeRangeInvalid` for a broken one."""
    entries: list[bytes] = []
    rest = memoryview(bundle)
    while rest:
        size = int.from_bytes(rest[:2], "big")
        if len(rest) < 2 + size:
            raise TreeRangeInvalid("the entry bundle is cut off")
        entries.append(bytes(rest[2 : 2 + size]))
        rest = rest[2 + size :]
    return tuple(entries)


def split_tile(tile: bytes) -> tuple[bytes, ...]:
    """Return the hashes of a hash tile; raises `TreeRangeInvalid` for a broken one."""
    if not tile or len(tile) % HASH_SIZE or len(tile) > TILE_WIDTH * HASH_SIZE:
        raise TreeRangeInvalid("the tile's length is wrong")
    return tuple(tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE))


def _new_tiles(level: int, old_count: int, new_count: int) -> Iterator[Tile]:
    if new_count == old_count:
        return
    for index in range(old_count // TILE_WIDTH, -(-new_count // TILE_WIDTH)):
        yield Tile(level, index, min(TILE_WIDTH, new_count - index * TILE_WIDTH))


def _index_path(index: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
