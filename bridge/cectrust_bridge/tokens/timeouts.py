"""How long a driver may be silent before its worker is killed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timeouts:
    """All in seconds. `sign` is for one signature, `act` for the rest (a card makes an RSA-4096 key in minutes).

    `listing`: a list waits no longer for one store when another has answered.
    `session`: a log-in for a batch has ended by then.
    `own_keys`: what a person gets, besides, to enter the PIN on the token's own keys.
    """

    load: float = 15.0
    survey: float = 30.0
    listing: float = 10.0
    sign: float = 60.0
    session: float = 300.0
    act: float = 300.0
    own_keys: float = 300.0
