"""A contract from draft to sealed original, and what acceptance refuses."""

from __future__ import annotations

import pytest

from cectrust.contracts import service as contracts
from cectrust.contracts.model import State
from cectrust.pades.model import Level, Verdict
from cectrust.sdk.errors import Conflict, InputRefused, NotFound
from cectrust.signing import service, workflow
from cectrust.signing.model import RequestState
from tests.support.house import House


def test_a_contract_goes_from_draft_to_a_validated_original_with_two_signatures(home: House) -> None:
    contract = home.concluded()
    assert contract.state is State.CONCLUDED
    assert [slot.signer for slot in contract.document.slots] == ["建設 花子", "工務 太郎"]
    _, key = home.read(contracts.original, home.sender.actor, contract.id)
    target = home.platform.settings.data_dir / "original.pdf"
    home.platform.blobs.fetch(key, target)
    report = home.platform.parsers.validate(target, workflow.platform_trust(home.platform))
    assert report.verdict is Verdict.TOTAL_PASSED, report.reasons
    assert [found.level for found in report.signatures] == [Level.B_LTA, Level.B_LTA]


def test_the_same_result_twice_is_accepted_once(home: House) -> None:
    contract = home.register()
    request = home.request(home.sender, contract.id)
    result = home.sender.result(request, home.origin)
    for _ in range(2):
        again = service.accept(home.sender.actor, home.platform, request.batch_id, result)
        assert again.state is RequestState.ACCEPTED
    assert home.enqueued.count(request.id) == 1


def test_completing_twice_writes_one_revision(home: House) -> None:
    contract = home.register()
    request = home.sign(home.sender, contract.id)
    home.complete(request.id)
    kinds = [revision.kind for revision in home.contract(contract.id).document.revisions]
    assert kinds == ["uploaded", "fields", "signed"]


def test_smuggled_attributes_are_refused(home: House) -> None:
    contract = home.register()
    request = home.request(home.sender, contract.id)
    smuggled = request.prepared.signed_attributes[:-1] + b"\x00"
    with pytest.raises(InputRefused) as refused:
        home.accept(home.sender, request, attributes=smuggled)
    assert refused.value.code == "attributes_differ"


def test_a_signature_that_does_not_verify_is_refused(home: House) -> None:
    contract = home.register()
    request = home.request(home.sender, contract.id)
    with pytest.raises(InputRefused) as refused:
        home.accept(home.sender, request, signature=b"\x01" * 256)
    assert refused.value.code == "signature_invalid"


def test_another_users_request_is_as_good_as_absent(home: House) -> None:
    contract = home.sent()
    request = home.request(home.recipient, contract.id)
    result = home.recipient.result(request, home.origin)
    with pytest.raises(NotFound):
        service.accept(home.sender.actor, home.platform, request.batch_id, result)


def test_a_request_is_over_when_the_contract_moved(home: House) -> None:
    contract = home.sent()
    request = home.request(home.recipient, contract.id)
    home.do(contracts.recall, home.sender.actor, contract.id, "金額に誤りがありました。")
    with pytest.raises((Conflict, NotFound)):
        home.accept(home.recipient, request)
    assert home.contract(contract.id).state is State.RECALLED


def test_two_signers_at_once_are_serialised(home: House) -> None:
    contract = home.register()
    first, second = (home.request(home.sender, contract.id) for _ in range(2))
    home.accept(home.sender, first)
    with pytest.raises(Conflict) as refused:
        home.accept(home.sender, second)
    assert refused.value.code == "signature_in_progress"
    home.complete(first.id)
    with pytest.raises(Conflict):
        home.accept(home.sender, second)
    assert len(home.contract(contract.id).document.revisions) == 3


def test_nothing_moves_while_a_signature_is_completed(home: House) -> None:
    contract = home.sent()
    request = home.accept(home.recipient, home.request(home.recipient, contract.id))
    with pytest.raises(Conflict) as refused:
        home.do(contracts.recall, home.sender.actor, contract.id, "取り消します")
    assert refused.value.code == "signature_in_progress"
    home.complete(request.id)
    assert home.contract(contract.id).state is State.RETURNED


def test_a_revoked_certificate_is_refused_when_the_signature_arrives(home: House) -> None:
    contract = home.register()
    request = home.request(home.sender, contract.id)
    with home.revoked(home.sender), pytest.raises(InputRefused) as refused:
        home.accept(home.sender, request)
    assert refused.value.code == "certificate_revoked"


def test_T3_a_certificate_of_another_user_is_refused(home: House) -> None:
    contract = home.register()
    with pytest.raises(InputRefused) as refused:
        home.prepared(home.sender, contract.id, certificate=home.recipient.entity.der)
    assert refused.value.code == "certificate_not_bound"
