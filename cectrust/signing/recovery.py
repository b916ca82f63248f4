"""What an administrator does about a completion that does not come to an end by itself."""

from __future__ import annotations

from cectrust.contracts.store import reading, writing
from cectrust.sdk.errors import Conflict, NotFound
from cectrust.sdk.protocols import Act, Actor
from cectrust.signing import store
from cectrust.signing.model import RequestState
from cectrust.signing.workflow import give_back
from cectrust.work import Work


def give_back_by_hand(actor: Actor, work: Work, request_id: str, reason: str) -> None:
    """Free the contract; the signer is told ``reason`` and signs again. A step that still waits ends by itself.

    Raises ``NotFound``, and ``Conflict`` for a signature that is not being completed.
    """
    request = store.request_by_id(work.session, request_id)
    if request is None:
        raise NotFound("署名", "signature", request_id)
    writing.lock(work.session, request.contract_id)  # a completion that is just being sealed comes first
    request = store.request_by_id(work.session, request_id)
    if request is None or request.state is not RequestState.ACCEPTED:
        raise Conflict(
            "not_being_completed",
            "この署名は、処理の途中ではありません（完了したか、すでに戻されています）。",
            "This signature is not being completed: it is done, or given back already.",
        )
    contract = reading.by_id_for_system(work.session, request.contract_id)
    companies = tuple(party.company_id for party in contract.parties)
    work.journal.record(work.session, actor, Act("signature.given_back", request_id, companies, {"reason": reason}))
    store.change_request(work.session, request_id, {"failure_ja": f"管理者が処理を取りやめました。理由：{reason}"})
    give_back(work, request_id)


def describe(work: Work, request_id: str) -> str:
    """The contract that a completion is about, by its number; empty if there is none."""
    request = store.request_by_id(work.session, request_id)
    return "" if request is None else reading.by_id_for_system(work.session, request.contract_id).number
