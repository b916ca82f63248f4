"""What is digested of a document that lies in a file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from cectrust_bridge.documents import received
from cectrust_bridge.documents.byterange import ByteRange
from cectrust_bridge.documents.received import ReceivedDocument
from cectrust_bridge.errors import HashMismatch
from cectrust_bridge.requests.request import Document

OCTETS = bytes(range(40))
GAP = ByteRange(15, 25, len(OCTETS))


@pytest.fixture
def in_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReceivedDocument:
    """Read in pieces of seven octets."""
    monkeypatch.setattr(received, "CHUNK", 7)
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
            in_file.settle(byte_range, algorithm)
            assert in_file.digest(byte_range, algorithm) == byte_range.digest(OCTETS, algorithm)


@pytest.mark.parametrize("at", [0, 6, 7, 20, 39])
def test_an_octet_changed_before_the_person_is_asked_is_noticed_wherever_it_lies(
    in_file: ReceivedDocument, at: int
) -> None:
    os.pwrite(in_file.descriptor, b"\xff", at)
    with pytest.raises(HashMismatch):
        in_file.settle(GAP, "sha256")


@pytest.mark.parametrize("at", [0, 6, 7, 14, 25, 39])
def test_a_covered_octet_changed_while_he_reads_is_noticed(in_file: ReceivedDocument, at: int) -> None:
    in_file.settle(GAP, "sha256")
    os.pwrite(in_file.descriptor, b"\xff", at)
    with pytest.raises(HashMismatch):
        in_file.digest(GAP, "sha256")


def test_what_was_not_settled_is_not_signed(in_file: ReceivedDocument) -> None:
    with pytest.raises(HashMismatch):
        in_file.digest(GAP, "sha256")
