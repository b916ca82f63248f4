"""A form that is sent twice (a double click, a reload, a connection that broke) registers one contract."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cectrust.contracts import store
from cectrust.contracts.model import Contract
from cectrust.contracts.service import moving
from cectrust.contracts.store.forms import UsedForm
from cectrust.sdk.errors import Conflict
from cectrust.sdk.protocols import Actor, Digest
from cectrust.work import Work

if TYPE_CHECKING:
    from cectrust.contracts.service.registration import Registration


def content_of(form: Registration, document: Path) -> Digest:
    """What was entered and the file, in one digest: the same form with other content is no repetition."""
    with document.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Digest(hashlib.sha256(repr((sorted(asdict(form).items()), digest)).encode()).hexdigest())


def answer(actor: Actor, work: Work, token: str, content: Digest) -> Contract | None:
    """The contract that this form registered; ``None`` if it did not yet.

    Raises:
        Conflict: it did, with other content.
    """
    used = store.forms.used(work.session, actor.id, token) if token else None
    if used is None:
        return None
    contract = moving.find(actor, work, used.contract_id)
    if used.content != content:
        raise Conflict(
            "form_used",
            f"この画面からは、すでに契約 {contract.number} を登録しました。別の契約として登録するときは、"
            "内容を確かめ、契約書類を選び直して、もう一度「登録する」を押してください。",
            f"This form has registered the contract {contract.number} already. "
            "To register another one, check the entries, choose the document again and register once more.",
        )
    return contract


def use(actor: Actor, work: Work, token: str, content: Digest, contract_id: str) -> Contract | None:
    """Use the form for a contract that is about to be inserted, or find the one that it was used for meanwhile."""
    used = UsedForm(contract_id, content)
    if not token or store.forms.use(work.session, actor.id, token, used, work.clock.now()):
        return None
    return answer(actor, work, token, content)
