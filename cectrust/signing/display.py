"""How a batch is shown: what will be signed, what is left out and why, and how far each contract is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import get_locale

from cectrust.contracts.model import Contract
from cectrust.sdk.protocols import Instant
from cectrust.signing.model import Batch, RequestState, SigningRequest
from cectrust.signing.service.batches import Entry


@dataclass(frozen=True)
class ShownItem:
    """``state`` is ``waiting``, ``refused``, ``prepared``, ``accepted``, ``completed`` or ``failed``."""

    ordinal: int
    state: str
    step: str
    """The step of the completion that is under way, once it is accepted."""
    why: str
    """Why it cannot be signed, or why its completion failed."""
    document: str
    """Id of the document that the bridge's results name; empty before it was prepared."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class ShownBatch:
    """The contracts in their order, each beside how far it is; totals over those that can be signed."""

    rows: tuple[tuple[Contract, ShownItem], ...]
    refused: int
    """How many are left out, and so not in the totals."""
    gross: int
    """Yen, over those that have an amount."""
    without_amount: int
    pages: int

    @property
    def to_sign(self) -> int:
        return len(self.rows) - self.refused


def shown_item(entry: Entry, batch: Batch, now: Instant) -> ShownItem:
    """An expired request of which no result can come counts as none: nothing of it is lost, it is prepared anew."""
    item, request = entry.item, entry.request
    if request is not None and (request.started or request.state is RequestState.FAILED):
        failure = _in_language(request.failure_ja, request.failure_en)
        return ShownItem(item.ordinal, request.state, _step(request), failure, request.document_id)
    if item.refusal_ja:
        why = _in_language(item.refusal_ja, item.refusal_en)
        return ShownItem(item.ordinal, "refused", "", why, "")
    if request is None or request.signer.certificate != batch.certificate or not _is_waited_for(request, now):
        return ShownItem(item.ordinal, "waiting", "", "", "")
    return ShownItem(item.ordinal, "prepared", "", "", request.document_id)


def shown_batch(entries: Sequence[Entry], batch: Batch, now: Instant) -> ShownBatch:
    rows = tuple((entry.contract, shown_item(entry, batch, now)) for entry in entries)
    counted = [contract for contract, item in rows if item.state != "refused"]
    amounts = [contract.money.gross for contract in counted if contract.money]
    return ShownBatch(
        rows=rows,
        refused=len(rows) - len(counted),
        gross=sum(amounts),
        without_amount=len(counted) - len(amounts),
        pages=sum(contract.document.pages for contract in counted),
    )


def _in_language(ja: str, en: str) -> str:
    """English was not kept for what failed in early versions."""
    return en if en and str(get_locale()) == "en" else ja


def _is_waited_for(request: SigningRequest, now: Instant) -> bool:
    """An ordered one's result may still lie in the bridge."""
    return request.may_be_ordered(now) or request.may_be_answered(now)


def _step(request: SigningRequest) -> str:
    if request.final_digest:
        return "seal"
    if request.extended_digest:
        return "validate"
    return "extend" if request.embedded_digest else "embed"
