"""Our `Timestamper`: believed only after its tokens were verified, and in pyHanko's clothes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import cms
from pyhanko.sign.timestamps import TimeStamper

from cectrust.pades.model import TrustStore
from cectrust.pades.protocols import Timestamper
from cectrust.pades.tokens import TokenRefused, TokenVerifier
from cectrust.sdk.errors import Unavailable

AHEAD = timedelta(seconds=1)
"""By how much an authority's clock may differ from UTC (ETSI EN 319 421, best practices time-stamp policy)."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class VerifiedTimestamper:
    """A `Timestamper` whose tokens chain to `trust.tsa_anchors` and are not from the future.

    What goes into a file can't be taken out again, and a token that its own validator doesn't pass would spoil a
    signature that was accepted: so it is asked for again, until authority and settings agree (decision 080).
    """

    timestamper: Timestamper
    trust: TrustStore
    now: Callable[[], datetime] = _now

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        """Return the DER `TimeStampToken` over `digest`. Raises `Unavailable` when it is not to be relied on."""
        token = self.timestamper.timestamp(digest, algorithm)
        try:
            facts = TokenVerifier(self.trust.tsa_anchors, self.trust.intermediates).over(token, digest, algorithm)
        except TokenRefused as refusal:
            raise _untrusted(refusal.detail) from refusal
        if facts.time > self.now() + AHEAD:
            raise _ahead(facts.time)
        return token


def request_token(timestamper: Timestamper, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
    """Ask for one token and return it as CMS. Raises `Unavailable` when it is not over the digest."""
    token = timestamper.timestamp(message_digest, md_algorithm)
    try:
        content = cms.ContentInfo.load(token, strict=True)
        fits = _is_over(content, message_digest, md_algorithm)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _mismatch() from error
    if not fits:
        raise _mismatch()
    return content


def _is_over(token: cms.ContentInfo, message_digest: bytes, md_algorithm: str) -> bool:
    imprint = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
    found = (imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native)
    return found == (md_algorithm, message_digest)


class ObtainedToken(TimeStamper):  # type: ignore[misc]
    """Hands out the one token that was had before: nobody waits for an authority inside the library's loop."""

    def __init__(self, token: cms.ContentInfo) -> None:
        super().__init__()
        self._token = token

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return the token. Raises `Unavailable` when it is not over the digest."""
        if not _is_over(self._token, message_digest, md_algorithm):
            raise _mismatch()
        return self._token


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


def _mismatch() -> Unavailable:
    return Unavailable(
        "timestamp_mismatch",
        "時刻認証局の応答が、この契約書に対するものではありません。署名は失われていません。自動でやり直します。",
        "The time-stamping authority's token is not for this document; the signature is kept and it is tried again.",
    )


def _untrusted(detail: str) -> Unavailable:
    return Unavailable(
        "timestamp_untrusted",
        "時刻認証局の応答を、設定されたルート証明書（timestamping.anchors）まで確認できません。署名は失われていません。"
        "自動でやり直します。くり返す場合、管理者は時刻認証局の証明書が変わっていないか、設定を確認してください。",
        "The time-stamping authority's token doesn't chain to timestamping.anchors. The signature is kept and it is "
        "tried again; if it goes on, an administrator should compare the settings with the authority's certificates.",
        detail,
    )


def _ahead(time: datetime) -> Unavailable:
    return Unavailable(
        "timestamp_ahead",
        "時刻認証局の時刻が、サーバーの時計より進んでいます。署名は失われていません。自動でやり直します。"
        "くり返す場合、管理者はサーバーの時刻合わせ（NTP）を確認してください。",
        "The time-stamping authority's time is ahead of the server's clock. The signature is kept and it is tried "
        "again; if it goes on, an administrator should check the server's time synchronisation (NTP).",
        time.isoformat(),
    )
