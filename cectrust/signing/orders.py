"""What the keys role signs for the bridge: built from rows alone, never from what a page said."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from cectrust.contracts import store as contracts
from cectrust.contracts.model import Contract, PartyRole
from cectrust.keys.model import RequestClaims, RequestDocument
from cectrust.sdk.errors import Conflict, NotFound
from cectrust.sdk.protocols import Clock
from cectrust.signing import batch_store, store
from cectrust.signing.model import Batch, Connection, SigningRequest

LISTINGS = ("token.list", "cert.list")


class Orders:
    """``cectrust.keys.model.LoadRequest``: from an operation and a row's id to what is signed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, session: Session, operation: str, row_id: str) -> RequestClaims:
        """``row_id`` names a connection for listings and a batch otherwise.

        Raises:
            NotFound: no such row. Conflict: its time is over, or it has no verified connection.
        """
        if operation in LISTINGS:
            connection = _verified(session, row_id)
            return RequestClaims(str(connection.bridge_id), connection.origin, connection.id, operation)
        batch = batch_store.batch_by_id(session, row_id)
        if batch is None or batch.connection_id is None:
            raise NotFound("署名依頼", "signing request")
        connection = _verified(session, batch.connection_id)
        if operation == "sign.resume":
            return RequestClaims(str(connection.bridge_id), connection.origin, batch.id, operation)
        return self._signature(session, batch, connection)

    def _signature(self, session: Session, batch: Batch, connection: Connection) -> RequestClaims:
        """Everything that is prepared and still good; all of it for the same certificate."""
        now = self._clock.now()
        found = [
            request
            for request in batch_store.requests_of_batch(session, batch.id).values()
            if request.may_be_ordered(now)
        ]
        if not found or batch.certificate is None:
            raise request_over()
        return RequestClaims(
            aud=str(connection.bridge_id),
            origin=connection.origin,
            jti=batch.id,
            op="sign",
            cert_sha256=hashlib.sha256(batch.certificate).hexdigest(),
            format="pades",
            mechanism=found[0].mechanism,
            docs=tuple(_document(session, request) for request in found),
        )


def request_over() -> Conflict:
    """Nothing is prepared any more that could be ordered, or ordered anew."""
    return Conflict(
        "request_over",
        "署名の準備から時間が経ちました。もう一度、署名をやり直してください。",
        "The signing request is over; start again.",
    )


def _document(session: Session, request: SigningRequest) -> RequestDocument:
    contract = contracts.reading.by_id_for_system(session, request.contract_id)
    document = next(found for found in contract.documents if found.id == request.document_id)
    return RequestDocument(
        id=request.document_id,
        sha256=request.prepared.file_sha256,
        size=request.prepared.size,
        title=contract.title,
        partner=_partner(request, contract),
        amount=contract.money.gross if contract.money else None,
        currency="JPY" if contract.money else None,
        pages=document.pages,
    )


def _partner(request: SigningRequest, contract: Contract) -> str:
    """The other side's name, as the signer of this slot sees it."""
    slot = next(slot for document in contract.documents for slot in document.slots if slot.id == request.slot_id)
    signer = next(party for party in contract.parties if party.id == slot.party_id)
    if signer.role is PartyRole.RECIPIENT:
        return contract.sender.company_name
    return "、".join(party.company_name for party in contract.recipients)


def _verified(session: Session, connection_id: str) -> Connection:
    """A connection whose bridge proved itself and is still registered: for a removed one nothing is signed."""
    connection = store.connection_by_id(session, connection_id)
    if connection is None or connection.bridge_id is None:
        raise NotFound("署名ブリッジとの接続", "connection to a bridge")
    if store.bridge_key(session, connection.account_id, connection.bridge_id) is None:
        raise NotFound("署名ブリッジの登録", "registration of the bridge")
    return connection
