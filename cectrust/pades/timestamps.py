"""Our `Timestamper` in pyHanko's clothes."""

from __future__ import annotations

from asn1crypto import cms
from pyhanko.sign.timestamps import TimeStamper

from cectrust.pades.errors import SignatureRefused
from cectrust.pades.protocols import Timestamper


def request_token(timestamper: Timestamper, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
    """Ask for one token and return it as CMS. Raises `SignatureRefused` when it is not over the digest."""
    token = timestamper.timestamp(message_digest, md_algorithm)
    try:
        content = cms.ContentInfo.load(token, strict=True)
        imprint = content["content"]["encap_content_info"]["content"].parsed["message_imprint"]
        fits = (imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _refused() from error
    if fits != (md_algorithm, message_digest):
        raise _refused()
    return content


class TimestamperAdapter(TimeStamper):  # type: ignore[misc]
    """Hands every request to the given timestamper and checks that the token is over our digest."""

    def __init__(self, timestamper: Timestamper) -> None:
        super().__init__()
        self._timestamper = timestamper

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return the token as CMS. Raises `SignatureRefused` when it is not over the digest."""
        return request_token(self._timestamper, message_digest, md_algorithm)


class Placeholder(TimeStamper):  # type: ignore[misc]
    """Notes the digest that wants a token and answers with another one, over which the right one is written later.

    The other one is a token that is there already, so that nobody pays for one just to learn its size.
    """

    def __init__(self, like: cms.SignedData, md_algorithm: str) -> None:
        super().__init__()
        self._like = cms.ContentInfo({"content_type": "signed_data", "content": like})
        self._register_dummy(md_algorithm, self._like)
        self.digest = b""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return the other token."""
        del md_algorithm
        self.digest = message_digest
        return self._like


def _refused() -> SignatureRefused:
    return SignatureRefused(
        "timestamp_mismatch",
        "タイムスタンプ局の応答が、この契約書に対するものではありません。",
        "The time-stamping authority's token is not for this document.",
    )
