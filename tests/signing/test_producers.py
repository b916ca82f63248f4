"""Whatever program made the contract's PDF: it is taken in, signed by both and concluded."""

from __future__ import annotations

from pathlib import Path

import pytest

from cectrust.contracts import service as contracts
from cectrust.contracts.model import State
from cectrust.contracts.service import Registration, Upload
from cectrust.pades.model import Verdict
from cectrust.signing import workflow
from tests.support.authorities import KIND
from tests.support.house import House

FIXTURES = Path(__file__).parents[1] / "fixtures" / "pdf"
PRODUCERS = ("weasyprint", "chromium", "libreoffice", "ghostscript", "qpdf")


@pytest.mark.parametrize("producer", PRODUCERS)
def test_a_contract_of_this_producer_is_signed_by_both_and_passes(home: House, producer: str, tmp_path: Path) -> None:
    form = Registration(title=f"{producer} の契約書", recipient_account_id=home.recipient.actor.id, kinds=(KIND,))
    upload = Upload(FIXTURES / f"{producer}.pdf", f"{producer}.pdf")
    contract = contracts.register(home.sender.actor, home.platform, form, upload)
    home.consent(contract)
    home.sign(home.sender, contract.id)
    home.do(contracts.send, home.sender.actor, contract.id)
    home.sign(home.recipient, contract.id)
    home.do(contracts.confirm, home.sender.actor, contract.id)
    assert home.contract(contract.id).state is State.CONCLUDED
    _, key = home.read(contracts.original, home.recipient.actor, contract.id)
    home.platform.blobs.fetch(key, tmp_path / "original.pdf")
    trust = workflow.platform_trust(home.platform)
    assert home.platform.parsers.validate(tmp_path / "original.pdf", trust).verdict is Verdict.TOTAL_PASSED
