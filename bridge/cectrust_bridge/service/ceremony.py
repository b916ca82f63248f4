"""Pairing with a server and leaving it, started by the person and never by a page (PROTOCOL.md section 3).

Blocking: a window calls these in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..pairing import code as pairing_code
from ..pairing import http, messages
from ..pairing.errors import NotCectrust, PairingError, RemovalNotKnown
from ..pairing.model import Pairing
from ..profile.folder import Profile

DESCRIPTION_PATH = "/.well-known/cectrust-bridge"
PAIRING_PATH, REMOVAL_PATH = "/signing/pairings", "/signing/pairings/removals"


@dataclass(frozen=True)
class Unpaired:
    """The pairing that is gone from this computer. `not_told` says why the server could not be told, if so."""

    pairing: Pairing
    not_told: PairingError | None


def pair(profile: Profile, address: str, code: str, *, name: str | None = None) -> Pairing:
    """Pair with the server at `address` (what a person types) by the one-time `code` of the user's own page.

    `name` is how the server lists this computer; default: its host name. The server's identity key is pinned only
    after the code has vouched for it. Raises PairingError.
    """
    keys = pairing_code.keys(pairing_code.decode(code))
    origin, network = http.origin_of(address), profile.settings().network
    server = messages.described(http.get(origin, DESCRIPTION_PATH, network))
    if origin not in server.origins:
        raise NotCectrust("the server is known by another address")
    profile.book.check_may_pair(server.issuer, server.identity, server.origins)
    identity = profile.identity()
    sent = messages.request(identity, keys, origin, server, messages.computer_name(name))
    answer = http.post(origin, PAIRING_PATH, sent, network)
    found = messages.accepted(answer, keys, sent, identity.bridge_id)
    profile.book.check_may_pair(found.issuer, found.identity, found.origins)
    profile.book.add(found)
    return found


def unpair(profile: Profile, issuer: str) -> Unpaired:
    """Forget the server, and tell it if it can be reached. Raises PairingError if it is not paired by the user."""
    leaving = profile.book.of_user(issuer)
    profile.book.remove(issuer)
    profile.forget_consents(leaving)
    try:
        _tell(profile, leaving)
    except PairingError as error:
        return Unpaired(leaving, error)
    return Unpaired(leaving, None)


def _tell(profile: Profile, leaving: Pairing) -> None:
    if not leaving.registration:
        raise RemovalNotKnown("paired by a file")
    message = messages.removal(profile.identity(), leaving)
    http.post(leaving.origins[0], REMOVAL_PATH, message, profile.settings().network)
