"""SQL of connections and signing requests; that of bridges is ``bridge_store``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, and_, insert, or_, select, update
from sqlalchemy.orm import Session

from cectrust.pades.model import Mechanism, PreparedDocument, SignerCertificate
from cectrust.sdk.protocols import Digest, Instant
from cectrust.signing.model import RESULT_LIFE, Connection, RequestState, SigningRequest
from cectrust.signing.tables import bridges, connections, requests

AnyRow = Row[tuple[Any, ...]]


def bridge_key(session: Session, account_id: str, bridge_id: str) -> dict[str, str] | None:
    """The JWK of a bridge that is registered for this user ID and was not removed."""
    query = select(bridges.c.jwk).where(
        bridges.c.account_id == account_id, bridges.c.bridge_id == bridge_id, bridges.c.removed_at.is_(None)
    )
    found = session.scalar(query)
    return json.loads(found) if found else None


def insert_connection(session: Session, connection: Connection) -> None:
    session.execute(
        insert(connections).values(
            id=connection.id,
            account_id=connection.account_id,
            session=connection.session,
            origin=connection.origin,
            challenge=connection.challenge,
            created_at=connection.created_at,
        )
    )


def verify_connection(session: Session, connection_id: str, bridge_id: str, cn: str, at: Instant) -> bool:
    """Write down the bridge's verified hello, once; ``False`` if this challenge was answered already."""
    done = session.execute(
        update(connections)
        .where(connections.c.id == connection_id, connections.c.verified_at.is_(None))
        .values(bridge_id=bridge_id, cn=cn, verified_at=at)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def connection_by_id(session: Session, connection_id: str) -> Connection | None:
    row = session.execute(select(connections).where(connections.c.id == connection_id)).first()
    if row is None:
        return None
    return Connection(
        id=row.id,
        account_id=row.account_id,
        session=row.session,
        origin=row.origin,
        challenge=row.challenge,
        bridge_id=row.bridge_id,
        cn=row.cn,
        created_at=Instant(row.created_at),
    )


def insert_request(session: Session, request: SigningRequest) -> None:
    prepared = request.prepared
    session.execute(
        insert(requests).values(
            id=request.id,
            state=request.state,
            account_id=request.account_id,
            contract_id=request.contract_id,
            contract_version=request.contract_version,
            document_id=request.document_id,
            slot_id=request.slot_id,
            batch_id=request.batch_id,
            binding_id=request.binding_id,
            owner=request.owner,
            certificate=request.signer.certificate,
            chain=b"".join(request.signer.chain),
            kind=request.kind,
            signer=request.signer_name,
            field=prepared.field,
            mechanism=prepared.mechanism,
            message_digest=prepared.message_digest,
            reserved_start=prepared.reserved_start,
            reserved_end=prepared.reserved_end,
            signed_attributes=prepared.signed_attributes,
            prepared_digest=prepared.file_sha256,
            prepared_size=prepared.size,
            created_at=request.created_at,
            expires_at=request.expires_at,
            failure_ja="",
            failure_en="",
        )
    )


def request_by_id(session: Session, request_id: str) -> SigningRequest | None:
    """For the request's own user, the keys role and the workflow: callers compare the account."""
    row = session.execute(select(requests).where(requests.c.id == request_id)).first()
    return request_of(row) if row else None


def requests_of(session: Session, contract_id: str) -> list[SigningRequest]:
    """All requests ever made for a contract, oldest first; for audits."""
    query = select(requests).where(requests.c.contract_id == contract_id).order_by(requests.c.id)
    return [request_of(row) for row in session.execute(query)]


def open_requests(session: Session, since: Instant) -> list[SigningRequest]:
    """Requests that are being completed, and prepared ones that may be ordered or answered after ``since``."""
    waiting = or_(requests.c.expires_at > since, requests.c.ordered_at > since - RESULT_LIFE)
    prepared = and_(requests.c.state == RequestState.PREPARED, waiting)
    rows = session.execute(select(requests).where(or_(requests.c.state == RequestState.ACCEPTED, prepared)))
    return [request_of(row) for row in rows]


def lock_request(session: Session, request_id: str) -> None:
    """Take the row's lock (PostgreSQL); SQLite's writers exclude each other already."""
    session.execute(select(requests.c.id).where(requests.c.id == request_id).with_for_update())


def change_request(session: Session, request_id: str, values: Mapping[str, Any]) -> None:
    session.execute(update(requests).where(requests.c.id == request_id).values(values))


def request_of(row: AnyRow) -> SigningRequest:
    """The value of a row of ``signing_requests``."""
    return SigningRequest(
        id=row.id,
        state=RequestState(row.state),
        account_id=row.account_id,
        contract_id=row.contract_id,
        contract_version=row.contract_version,
        document_id=row.document_id,
        slot_id=row.slot_id,
        binding_id=row.binding_id,
        batch_id=row.batch_id,
        owner=row.owner,
        signer=SignerCertificate(row.certificate, split_certificates(row.chain)),
        kind=row.kind,
        signer_name=row.signer,
        prepared=_prepared(row),
        created_at=Instant(row.created_at),
        expires_at=Instant(row.expires_at),
        ordered_at=row.ordered_at,
        signature=row.signature,
        accepted_at=row.accepted_at,
        embedded_digest=_digest(row.embedded_digest),
        extended_digest=_digest(row.extended_digest),
        final_digest=_digest(row.final_digest),
        final_size=row.final_size,
        failure_ja=row.failure_ja,
        failure_en=row.failure_en,
    )


def _prepared(row: AnyRow) -> PreparedDocument:
    return PreparedDocument(
        field=row.field,
        mechanism=Mechanism(row.mechanism),
        message_digest=row.message_digest,
        reserved_start=row.reserved_start,
        reserved_end=row.reserved_end,
        signed_attributes=row.signed_attributes,
        file_sha256=row.prepared_digest,
        size=row.prepared_size,
    )


def _digest(value: str | None) -> Digest | None:
    return None if value is None else Digest(value)


def split_certificates(joined: bytes) -> tuple[bytes, ...]:
    """Cut concatenated DER certificates apart by their definite lengths (X.690, 8.1.3)."""
    found: list[bytes] = []
    while joined:
        octets = joined[1] & 0x7F if joined[1] & 0x80 else 0
        length = int.from_bytes(joined[2 : 2 + octets]) if octets else joined[1]
        end = 2 + octets + length
        found.append(joined[:end])
        joined = joined[end:]
    return tuple(found)
