"""What the keys role signs of ``auth.sign``: built from a challenge's row alone."""

from __future__ import annotations

from sqlalchemy.orm import Session

from cectrust.authentication import store
from cectrust.keys.model import Authentication, AuthenticationClaims, LoadRequest, RequestClaims
from cectrust.sdk.errors import Conflict, NotFound
from cectrust.sdk.protocols import Clock
from cectrust.signing import bridges

OPERATION = "auth.sign"


class AuthenticationOrders:
    """``cectrust.keys.model.LoadRequest``: takes its one operation and leaves the others to the room before."""

    def __init__(self, clock: Clock, otherwise: LoadRequest) -> None:
        self._clock, self._otherwise = clock, otherwise

    def __call__(self, session: Session, operation: str, row_id: str) -> RequestClaims | AuthenticationClaims:
        """``row_id`` names a challenge.

        Raises:
            NotFound: no such challenge, or its bridge was removed. Conflict: its time is over, or it was answered.
        """
        if operation != OPERATION:
            return self._otherwise(session, operation, row_id)
        found = store.challenge_by_id(session, row_id)
        if found is None or not bridges.is_registered(session, found.account_id, found.bridge_id):
            raise NotFound("本人確認", "challenge")
        if found.used_at is not None or found.expires_at <= self._clock.now():
            raise Conflict(
                "challenge_over",
                "時間がたったため、この本人確認は終わりました。もう一度お試しください。",
                "This challenge is over; start again.",
            )
        return AuthenticationClaims(
            aud=found.bridge_id,
            origin=found.origin,
            jti=found.id,
            cert_sha256=found.certificate_sha256,
            mechanism=found.mechanism,
            auth=Authentication(found.nonce, found.purpose.value, found.act),
        )
