"""What is digested of a document that lies in a file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from cectrust_bridge import documents
from cectrust_bridge.byterange import ByteRange
from cectrust_bridge.documents import ReceivedDocument
from cectrust_bridge.errors import HashMismatch
from cectrust_bridge.request import Document

OCTETS = bytes(range(40))


@pytest.fixture
def in_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReceivedDocument:
    """Read in pieces of seven octets."""
    monkeypatch.setattr(documents, "CHUNK", 7)
    (tmp_path / "document").write_bytes(OCTETS)
    claims = Document("doc-1", hashlib.sha256(OCTETS).hexdigest(), len(OCTETS), "契約書", "乙", None, None, 1)
    return ReceivedDocument(claims, os.open(tmp_path / "document", os.O_RDWR), sealed=False)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384"])
def test_wherever_the_gap_lies_in_the_pieces_the_digest_is_that_of_the_whole(
    in_file: ReceivedDocument, algorithm: str
) -> None:
    for start in range(1, len(OCTETS)):
        for end in range(start + 1, len(OCTETS)):
            byte_range = ByteRange(start, end, len(OCTETS))
            assert in_file.digest(byte_range, algorithm) == byte_range.digest(OCTETS, algorithm)


@pytest.mark.parametrize("at", [0, 6, 7, 20, 39])
def test_a_changed_octet_is_noticed_wherever_it_lies_also_in_the_gap(in_file: ReceivedDocument, at: int) -> None:
    os.pwrite(in_file.descriptor, b"\xff", at)
    with pytest.raises(HashMismatch):
        in_file.digest(ByteRange(15, 25, len(OCTETS)), "sha256")
