"""The published layout, C2SP tlog-tiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cectrust.tlog import (
    ENTRIES,
    MemoryTree,
    Tile,
    TreeRangeInvalid,
    decode_entries,
    encode_entries,
    inclusion_proof,
    parse_tile_path,
    read_tile,
    split_tile,
    tiles_between,
    tree_root,
    verify_inclusion,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(4, 1234067), "tile/4/x001/x234/067"),
        (Tile(0, 1000, 8), "tile/0/x001/000.p/8"),
        (Tile(ENTRIES, 999, 255), "tile/entries/999.p/255"),
    ],
)
def test_a_path_is_spelled_as_the_specification_does(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/x000/001",
        "tile/6/000",
        "tile/00/000",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/../000",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "",
    ],
)
def test_any_other_path_is_refused(path: str) -> None:
    with pytest.raises(TreeRangeInvalid):
        parse_tile_path(path)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_entry_bundles_round_trip(entries: list[bytes]) -> None:
    assert decode_entries(encode_entries(entries)) == tuple(entries)


def test_broken_bundles_and_tiles_are_refused() -> None:
    for bundle in [b"\x00", b"\x00\x02a", b"\x00\x01ab"]:
        with pytest.raises(TreeRangeInvalid):
            decode_entries(bundle)
    for tile in [b"", b"x" * 31, b"x" * 33, b"x" * 32 * 257]:
        with pytest.raises(TreeRangeInvalid):
            split_tile(tile)


class PublishedTiles:
    """A reader that sees nothing but the published files, as an outside client does."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def hashes(self, level: int, start: int, count: int) -> list[bytes]:
        index, offset = divmod(start, 256)
        widest = max(
            tile.width for tile in map(parse_tile_path, self._files) if (tile.level, tile.index) == (level, index)
        )
        found = split_tile(self._files[Tile(level, index, widest).path])[offset : offset + count]
        assert len(found) == count
        return list(found)


def test_an_outside_client_proves_every_leaf_from_the_published_files_alone() -> None:
    tree, files, size = MemoryTree(), {}, 0
    for grown in [1, 5, 256, 300, 700]:
        while tree.size < grown:
            tree.append(tree.size.to_bytes(4, "big"))
        for tile in tiles_between(size, grown):
            if tile.level != ENTRIES:
                files[tile.path] = read_tile(tree, tile)
        size = grown
    outside = PublishedTiles(files)
    assert tree_root(outside, size) == tree_root(tree, size)
    for index in range(0, size, 37):
        leaf = outside.hashes(0, index, 1)[0]
        verify_inclusion(leaf, index, size, inclusion_proof(outside, index, size), tree_root(tree, size))


def test_growth_writes_only_what_changed() -> None:
    assert [tile.path for tile in tiles_between(255, 257)] == [
        "tile/entries/000",
        "tile/entries/001.p/1",
        "tile/0/000",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
    ]
    assert list(tiles_between(257, 257)) == []
