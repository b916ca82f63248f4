"""Connections to bridges: a page's bridge must prove that it is registered for this user before anything is sent."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping

from cectrust.clock import new_id
from cectrust.identity.permissions import Subject, require
from cectrust.sdk.errors import Conflict, InputRefused, NotFound
from cectrust.sdk.protocols import Actor
from cectrust.signing import bridges, store
from cectrust.signing.bridge_messages import verify_hello
from cectrust.signing.model import CONNECTION_LIFE, Connection
from cectrust.work import Work


def open_connection(actor: Actor, work: Work, origin: str) -> Connection:
    """A fresh challenge for the bridge that a page has found."""
    require(actor, "signing.connect", Subject(account_id=actor.id))
    challenge = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    connection = Connection(
        id=new_id(work.clock),
        account_id=actor.id,
        session=actor.session,
        origin=origin,
        challenge=challenge,
        bridge_id=None,
        cn=None,
        created_at=work.clock.now(),
    )
    store.insert_connection(work.session, connection)
    return connection


def accept_hello(actor: Actor, work: Work, connection_id: str, hello: Mapping[str, object]) -> Connection:
    """Verify what the bridge answered to this connection's challenge.

    Raises:
        InputRefused: not a bridge registered for this user, or the signature does not verify (``not_paired``).
        Conflict: the challenge was answered before.
    """
    connection = own_connection(actor, work, connection_id)
    bridge_id = str(hello.get("bridge_id", ""))
    jwk = store.bridge_key(work.session, actor.id, bridge_id)
    if jwk is None:
        raise InputRefused(
            "bridge_not_registered",
            "このパソコンの署名ブリッジは、ログイン中のユーザIDに登録されていません。「署名に使うパソコン」で登録してください。",
            "The bridge on this computer is not registered for the user ID that is signed in.",
        )
    verified = verify_hello(hello, jwk=jwk, origin=connection.origin, challenge=connection.challenge)
    if not store.verify_connection(work.session, connection.id, bridge_id, verified.cn, work.clock.now()):
        raise Conflict(
            "challenge_used",
            "署名ブリッジとのこの接続は、すでに使われました。画面を開き直して、もう一度お試しください。",
            "This challenge was answered already. Reload the page and try again.",
        )
    bridges.seen(work, actor.id, bridge_id)
    return own_connection(actor, work, connection_id)


def own_connection(actor: Actor, work: Work, connection_id: str) -> Connection:
    """A connection of this user in this session, not too old. Raises ``NotFound``."""
    connection = past_connection(actor, work, connection_id)
    too_old = connection.created_at < work.clock.now() - CONNECTION_LIFE
    if too_old or connection.session != actor.session:
        raise _no_connection()
    return connection


def past_connection(actor: Actor, work: Work, connection_id: str) -> Connection:
    """A connection of this user, however old, of whichever session: nothing is sent over it, its bridge is known."""
    connection = store.connection_by_id(work.session, connection_id)
    if connection is None or connection.account_id != actor.id:
        raise _no_connection()
    return connection


def verified_connection(actor: Actor, work: Work, connection_id: str) -> Connection:
    """The same, with its hello verified. Raises ``Conflict`` before that, and once the bridge was removed."""
    connection = own_connection(actor, work, connection_id)
    if connection.cn is None or connection.bridge_id is None:
        raise Conflict(
            "bridge_not_verified",
            "署名ブリッジが本物かどうかの確認が済んでいないため、続けられません。画面を開き直して、もう一度お試しください。",
            "The bridge was not verified yet. Reload the page and try again.",
        )
    if store.bridge_key(work.session, actor.id, connection.bridge_id) is None:
        raise Conflict(
            "bridge_removed",
            "このパソコンの登録は解除されています。「署名に使うパソコン」で登録し直してください。",
            "This computer was removed; register it again.",
        )
    return connection


def _no_connection() -> NotFound:
    return NotFound("署名ブリッジとの接続", "connection to a bridge")
