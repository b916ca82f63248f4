"""Which contracts one person signs in one go, and what has become of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cectrust.clock import new_id
from cectrust.contracts import service as contracts
from cectrust.contracts.model import Contract
from cectrust.identity.permissions import require
from cectrust.sdk.errors import CectrustError, Conflict, InputRefused, NotFound
from cectrust.sdk.protocols import Actor
from cectrust.signing import batch_store, connections, store
from cectrust.signing.model import MOST_DOCUMENTS, Batch, BatchItem, Connection, SigningRequest
from cectrust.signing.orders import request_over
from cectrust.work import Work


@dataclass(frozen=True)
class Entry:
    """One contract of a batch, with its request once it was prepared."""

    item: BatchItem
    contract: Contract
    request: SigningRequest | None


def select(actor: Actor, work: Work, contract_ids: Sequence[str]) -> Batch:
    """Put contracts together for one signing. Those that cannot be signed now are kept with the reason.

    Raises:
        NotFound: one of them is not there, or the actor may not know of it.
        Forbidden: an ID that signs nothing (a company ID, staff).
        InputRefused: none or too many.
    """
    require(actor, "signing.selected")
    ids = list(dict.fromkeys(contract_ids))
    if not 1 <= len(ids) <= MOST_DOCUMENTS:
        raise InputRefused(
            "batch_size",
            f"署名する契約を 1～{MOST_DOCUMENTS} 件選んでください。",
            f"Choose 1 to {MOST_DOCUMENTS} contracts to sign.",
        )
    found = contracts.several(actor, work, ids)
    items = tuple(_item(actor, ordinal, contract) for ordinal, contract in enumerate(found))
    batch = Batch(new_id(work.clock), actor.id, None, None, work.clock.now(), None, items)
    batch_store.insert_batch(work.session, batch)
    return batch


def own_batch(actor: Actor, work: Work, batch_id: str) -> Batch:
    """A batch of this user. Raises ``NotFound``."""
    found = batch_store.batch_by_id(work.session, batch_id)
    if found is None or found.account_id != actor.id:
        raise NotFound("署名依頼", "signing request")
    return found


def own_request(actor: Actor, work: Work, request_id: str) -> SigningRequest:
    """One document's signing request of this user. Raises ``NotFound``."""
    found = store.request_by_id(work.session, request_id)
    if found is None or found.account_id != actor.id:
        raise NotFound("署名依頼", "signing request")
    return found


def contents(actor: Actor, work: Work, batch_id: str) -> tuple[Batch, list[Entry]]:
    """A batch of this user, contract by contract. Raises ``NotFound``."""
    batch = own_batch(actor, work, batch_id)
    requests = batch_store.requests_of_batch(work.session, batch.id)
    found = contracts.several(actor, work, [item.contract_id for item in batch.items])
    return batch, [
        Entry(item, contract, requests.get(item.ordinal)) for item, contract in zip(batch.items, found, strict=True)
    ]


def bind_connection(actor: Actor, work: Work, batch_id: str, connection_id: str) -> Batch:
    """Say over which verified connection the request will travel; the bridge is fixed from here on."""
    batch = own_batch(actor, work, batch_id)
    connection = connections.verified_connection(actor, work, connection_id)
    _refuse_another_bridge(actor, work, batch, str(connection.bridge_id))
    batch_store.change_batch(work.session, batch.id, {"connection_id": connection.id})
    return replace(batch, connection_id=connection.id)


def note_order(actor: Actor, work: Work, batch_id: str) -> None:
    """The bridge is being asked for everything that is prepared: from now on results are waited for.

    Raises:
        NotFound: not this user's batch. Conflict: nothing is prepared, or too long ago.
    """
    batch, now = own_batch(actor, work, batch_id), work.clock.now()
    found = batch_store.requests_of_batch(work.session, batch.id).values()
    ordered = [request.id for request in found if request.may_be_ordered(now)]
    if not ordered:
        raise request_over()
    for request_id in ordered:
        store.change_request(work.session, request_id, {"ordered_at": now})


def bridge_of(actor: Actor, work: Work, connection_id: str) -> tuple[Connection, dict[str, str]]:
    """A verified connection and the key that its bridge is registered with now."""
    connection = connections.verified_connection(actor, work, connection_id)
    return connection, _registered_key(actor, work, connection)


def asked_bridge(actor: Actor, work: Work, connection_id: str) -> tuple[Connection, dict[str, str]]:
    """The same for the connection over which a request went out, however long ago: its bridge still owes the result."""
    connection = connections.past_connection(actor, work, connection_id)
    return connection, _registered_key(actor, work, connection)


def changed() -> Conflict:
    """The contract is not what it was when the signing began."""
    return Conflict(
        "changed_meanwhile",
        "署名の間に、ほかの操作によって契約が変わりました。内容を確かめて、もう一度署名してください。",
        "The contract was changed by somebody else meanwhile; look at it and sign again.",
    )


def _registered_key(actor: Actor, work: Work, connection: Connection) -> dict[str, str]:
    jwk = store.bridge_key(work.session, actor.id, str(connection.bridge_id))
    if jwk is None:
        raise Conflict("bridge_removed", "署名ブリッジの登録がありません。", "The bridge was removed.")
    return jwk


def _item(actor: Actor, ordinal: int, contract: Contract) -> BatchItem:
    try:
        contracts.slot_of_turn(actor, contract)
    except CectrustError as refusal:
        return BatchItem(ordinal, contract.id, None, refusal.ja, refusal.en)
    return BatchItem(ordinal, contract.id, None, "", "")


def _refuse_another_bridge(actor: Actor, work: Work, batch: Batch, bridge_id: str) -> None:
    """A request that one bridge was asked for stays that bridge's; a new connection to it may take over."""
    if batch.connection_id is None:
        return
    if connections.past_connection(actor, work, batch.connection_id).bridge_id != bridge_id:
        raise Conflict(
            "another_bridge",
            "この署名依頼は、別の署名ブリッジに送られています。署名をやり直してください。",
            "This request was sent to another bridge; start again.",
        )
