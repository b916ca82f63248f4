"""Our `Timestamper` in pyHanko's clothes."""

from __future__ import annotations

from asn1crypto import cms
from pyhanko.sign.timestamps import TimeStamper

from cectrust.pades.errors import SignatureRefused
from cectrust.pades.protocols import Timestamper


class TimestamperAdapter(TimeStamper):  # type: ignore[misc]
    """Hands every request to the given timestamper and checks that the token is over our digest."""

    def __init__(self, timestamper: Timestamper) -> None:
        super().__init__()
        self._timestamper = timestamper
        self.received: list[cms.SignedData] = []
        """Tokens that were asked for, the newest last."""

    def expect_like(self, token: cms.SignedData, md_algorithm: str) -> None:
        """Estimate sizes by a token that is there already: one asked for as a trial is paid for like any other."""
        self._register_dummy(md_algorithm, cms.ContentInfo({"content_type": "signed_data", "content": token}))

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return the token as CMS. Raises `SignatureRefused` when it is not over the digest."""
        token = self._timestamper.timestamp(message_digest, md_algorithm)
        try:
            content = cms.ContentInfo.load(token, strict=True)
            imprint = content["content"]["encap_content_info"]["content"].parsed["message_imprint"]
            fits = (imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _refused() from error
        if fits != (md_algorithm, message_digest):
            raise _refused()
        self.received.append(content["content"])
        return content


def _refused() -> SignatureRefused:
    return SignatureRefused(
        "timestamp_mismatch",
        "タイムスタンプ局の応答が、この契約書に対するものではありません。",
        "The time-stamping authority's token is not for this document.",
    )
