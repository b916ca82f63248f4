"""Inputs near the seeds, for every day: hypothesis cuts, repeats and replaces, and finds the smallest that fails."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

WORDS = (
    b"", b"\0", b"\xff", b"\x80", b"0", b"-1", b"9" * 20, b"1e999", b"null", b"true", b"[]", b"{}", b'""', b"[" * 40,
    b'"\\ud800"', b"\\u202e", "‮髙﨑𠮷".encode(), b"/ByteRange", b"/Contents <00>", b"endobj", b"%%EOF",
    b"\x30\x80", b"\x02\x01\x09", b"\r\n", b"Origin: null\r\n", b".", b"=", b"\n", b"a" * 64,
)  # fmt: skip
Edit = tuple[float, float, bytes]


def _edited(data: bytes, edit: Edit) -> bytes:
    """Replace a part, named by fractions of the length, with other octets."""
    first, second = sorted(round(each * len(data)) for each in edit[:2])
    return data[:first] + edit[2] + data[second:]


def near(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """A seed with up to four edits; now and then octets of no seed at all."""
    place = st.floats(0, 1, allow_nan=False)
    replacement = st.sampled_from(WORDS) | st.binary(max_size=12)
    edits: st.SearchStrategy[list[Edit]] = st.lists(st.tuples(place, place, replacement), max_size=4)
    narrow = edits.map(lambda found: [(at, at + (to - at) * 0.02, word) for at, to, word in found])

    def applied(seed: bytes, found: list[Edit]) -> bytes:
        for edit in found:
            seed = _edited(seed, edit)
        return seed

    return st.builds(applied, st.sampled_from(list(seeds)), narrow | edits) | st.binary(max_size=200)


def stretched(seed: bytes, length: int) -> bytes:
    """A seed with its middle repeated until it has `length` octets: its beginning and its end stay what they were."""
    if not seed or len(seed) >= length:
        return seed[:length]
    third = max(1, len(seed) // 3)
    first, middle, last = seed[:third], seed[third : 2 * third] or seed[:third], seed[2 * third :]
    room = length - len(first) - len(last)
    return first + (middle * (room // len(middle) + 1))[:room] + last
