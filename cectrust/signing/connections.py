"""Connections to bridges: a page's bridge must prove that it is registered for this user before anything is sent."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping

from cectrust.clock import new_id
from cectrust.identity.permissions import Subject, require
from cectrust.sdk.errors import Conflict, InputRefused, NotFound
from cectrust.sdk.protocols import Actor, Instant
from cectrust.signing import bridges, store
from cectrust.signing.bridge_messages import verify_hello
from cectrust.signing.model import CONNECTION_LIFE, Connection
from cectrust.work import Work


def open_connection(actor: Actor, work: Work, origin: str) -> Connection:
    """A fresh challenge for the bridge that a page has found."""
    require(actor, "signing.connect", Subject(account_id=actor.id))
    challenge = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    connection = Connection(new_id(work.clock), actor.id, origin, challenge, None, None, work.clock.now())
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
        raise Conflict("challenge_used", "接続をやり直してください。", "This challenge was answered already.")
    bridges.seen(work, actor.id, bridge_id)
    return own_connection(actor, work, connection_id)


def own_connection(actor: Actor, work: Work, connection_id: str) -> Connection:
    """A connection of this user that is not too old. Raises ``NotFound``."""
    connection = store.connection_by_id(work.session, connection_id)
    oldest = Instant(work.clock.now() - CONNECTION_LIFE)
    if connection is None or connection.account_id != actor.id or connection.created_at < oldest:
        raise NotFound("署名ブリッジとの接続", "connection to a bridge")
    return connection


def verified_connection(actor: Actor, work: Work, connection_id: str) -> Connection:
    """The same, with its hello verified. Raises ``Conflict`` before that, and once the bridge was removed."""
    connection = own_connection(actor, work, connection_id)
    if connection.cn is None or connection.bridge_id is None:
        raise Conflict(
            "bridge_not_verified", "署名ブリッジの確認が済んでいません。", "The bridge was not verified yet."
        )
    if store.bridge_key(work.session, actor.id, connection.bridge_id) is None:
        raise Conflict(
            "bridge_removed",
            "このパソコンの登録は解除されています。「署名に使うパソコン」で登録し直してください。",
            "This computer was removed; register it again.",
        )
    return connection
