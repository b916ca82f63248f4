"""What every timestamper must do."""
# ruff: noqa: S101 - these are tests, shipped so that plugins can run them

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from asn1crypto import cms

from cectrust.sdk.errors import Unavailable
from cectrust.sdk.protocols import Timestamper


class TimestamperContract:
    """Obligations of ``Timestamper``. Fixtures: ``timestamper``; ``unreachable``: one that does not answer."""

    @pytest.fixture
    def timestamper(self) -> Timestamper:
        raise NotImplementedError("give a fixture `timestamper`")

    @pytest.fixture
    def unreachable(self) -> Timestamper:
        raise NotImplementedError("give a fixture `unreachable`")

    @staticmethod
    def info(token: bytes) -> Any:
        """TSTInfo of a DER TimeStampToken."""
        content = cms.ContentInfo.load(token, strict=True)
        assert content["content_type"].native == "signed_data"
        encapsulated = content["content"]["encap_content_info"]
        assert encapsulated["content_type"].native == "tst_info"
        return encapsulated["content"].parsed

    def test_it_is_a_timestamper(self, timestamper: Timestamper) -> None:
        assert isinstance(timestamper, Timestamper)
        assert timestamper.name

    @pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
    def test_the_token_covers_the_digest(self, timestamper: Timestamper, algorithm: str) -> None:
        digest = hashlib.new(algorithm, b"document").digest()
        imprint = self.info(timestamper.timestamp(digest, algorithm))["message_imprint"]
        assert imprint["hash_algorithm"]["algorithm"].native == algorithm
        assert imprint["hashed_message"].native == digest

    def test_no_serial_number_comes_twice(self, timestamper: Timestamper) -> None:
        digest = hashlib.sha256(b"document").digest()
        tokens = [timestamper.timestamp(digest) for _ in range(3)]
        assert len({self.info(token)["serial_number"].native for token in tokens}) == 3

    def test_the_token_names_the_moment_with_a_zone(self, timestamper: Timestamper) -> None:
        token = timestamper.timestamp(hashlib.sha256(b"document").digest())
        assert self.info(token)["gen_time"].native.tzinfo is not None

    def test_an_authority_that_is_down_is_unavailable(self, unreachable: Timestamper) -> None:
        with pytest.raises(Unavailable):
            unreachable.timestamp(hashlib.sha256(b"document").digest())
