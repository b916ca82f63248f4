"""What the tests of pairing do again and again: as the page does it, or as the real bridge would."""

from __future__ import annotations

from typing import Any

from cectrust_bridge.pairing import code as pairing_code
from cectrust_bridge.pairing import messages as pairing_messages
from cectrust_bridge.pairing.identity import Identity
from sqlalchemy import text

from cectrust.keys import jose
from cectrust.signing import bridges, connections
from cectrust.signing.bridge_messages import HELLO_DOMAIN
from cectrust.signing.bridge_model import NewCode, RegisteredBridge
from tests.support.pairing_house import PairingHouse
from tests.support.proof import confirmed


def new_code(house: PairingHouse, name: str = "taro") -> NewCode:
    """As the page makes one, once its person has confirmed it."""
    with house.platform.work() as work:
        return bridges.make_code(confirmed(work, house.people[name].actor, "bridge.code_made"), work)


def remove(house: PairingHouse, name: str, bridge: RegisteredBridge) -> None:
    """The same for a removal."""
    with house.platform.work() as work:
        actor = confirmed(work, house.people[name].actor, "bridge.removed", bridge.registration)
        bridges.remove(actor, work, bridge.bridge_id)


def computers(house: PairingHouse, name: str = "taro") -> list[RegisteredBridge]:
    found: list[RegisteredBridge] = house.as_person(name, bridges.listing)
    return found


def acts(house: PairingHouse) -> list[str]:
    with house.platform.reading() as work:
        query = text("SELECT act FROM journal_acts WHERE act LIKE 'bridge.%' ORDER BY id DESC")
        return [row.act for row in work.session.execute(query)]


def message_of(house: PairingHouse, identity: Identity, code: str) -> dict[str, Any]:
    """What the real bridge would post."""
    public = house.platform.keys.public_keys()
    server = pairing_messages.Description(public.issuer, (house.origin,), jose.thumbprint(public.identity_key))
    keys = pairing_code.keys(pairing_code.decode(code))
    return pairing_messages.request(identity, keys, house.origin, server, "PC-1")


def hello(house: PairingHouse, name: str, identity: Identity) -> None:
    """The bridge answers the challenge of a page of this user."""
    connection = house.as_person(name, connections.open_connection, house.origin)
    cn = jose.encode(bytes(32))
    words = (HELLO_DOMAIN, connection.origin, connection.challenge, cn, "1", identity.bridge_id)
    signature = identity.sign(b"\x00".join(word.encode() for word in words))
    said = {"version": 1, "capabilities": [], "bridge_id": identity.bridge_id, "cn": cn, "signature": signature}
    house.as_person(name, connections.accept_hello, connection.id, said)
