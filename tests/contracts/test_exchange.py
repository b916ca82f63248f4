"""Consent, sending, recalling, sending back, confirming: who may, when, and what a refusal says."""

from __future__ import annotations

from pathlib import Path

import pytest

from cectrust.contracts import service
from cectrust.contracts.model import Contract, State
from cectrust.contracts.service import Upload
from cectrust.contracts.store import Filters
from cectrust.contracts.tables import consents, parties
from cectrust.identity.step_up import StepUpNeeded
from cectrust.journal import store as journal
from cectrust.sdk.errors import Conflict, Forbidden, InputRefused, NotFound
from tests.support.house import House
from tests.support.proof import signed_in


def without_consent(home: House) -> Contract:
    """A contract with a partner that was never asked."""
    return home.register(recipient_account_id=home.stranger.id)


def test_T7_a_refused_send_says_that_consent_is_missing_before_anything_else(home: House) -> None:
    contract = without_consent(home)
    with pytest.raises(Conflict) as refused:
        home.do(service.send, home.sender.actor, contract.id)
    assert refused.value.code == "consent_missing"
    assert "建設業法19条3項" in refused.value.ja
    assert "承諾を依頼してください" in refused.value.ja


def test_T7_consent_keeps_who_when_and_what_was_shown(home: House) -> None:
    contract = without_consent(home)
    asked = home.do(service.ask_consent, home.sender.actor, contract.id)
    given = home.consented(home.stranger, asked.id)
    assert given.stands
    assert given.given_by.startswith("塚本 一")
    assert "電子情報処理組織" in given.means
    assert "PDF" in given.format
    with home.platform.reading() as work:
        acts = journal.about(work.session, asked.id)
    assert [act.act for act in acts] == ["contract.consent_given"]
    assert acts[0].actor_id == home.stranger.id
    home.withdrawn(home.stranger, asked.id)


def test_T7_a_session_alone_neither_gives_nor_withdraws_consent(home: House) -> None:
    asked = home.do(service.ask_consent, home.sender.actor, without_consent(home).id)
    with home.platform.work() as work:
        name = {"asking_company_name": "株式会社　山田太郎建設工業"}
        work.session.execute(consents.update().where(consents.c.id == asked.id).values(name))
        actor = signed_in(work, home.stranger)
    with pytest.raises(StepUpNeeded) as needed:
        home.do(service.give_consent, actor, asked.id)
    assert (needed.value.subject, needed.value.about) == (asked.id, "株式会社　山田太郎建設工業")
    home.consented(home.stranger, asked.id)
    with pytest.raises(StepUpNeeded):
        home.do(service.withdraw_consent, actor, asked.id)
    with home.platform.reading() as work:
        assert service.consent(home.stranger, work, asked.id).stands
    home.withdrawn(home.stranger, asked.id)


def test_T7_withdrawn_consent_stops_new_sends(home: House) -> None:
    contract = home.register()
    home.consent(contract)
    home.sign(home.sender, contract.id)
    with home.platform.reading() as work:
        standing = service.consent_for(work, contract)
    assert standing is not None
    home.withdrawn(home.recipient.actor, standing.id)
    with pytest.raises(Conflict, match="consent_missing"):
        home.do(service.send, home.sender.actor, contract.id)


def test_T7_the_asking_company_and_a_company_id_cannot_consent(home: House) -> None:
    contract = without_consent(home)
    asked = home.do(service.ask_consent, home.sender.actor, contract.id)
    for actor in (home.sender.actor, home.company_id_actor):
        with pytest.raises(Forbidden):
            home.do(service.give_consent, actor, asked.id)
    home.do(service.refuse_consent, home.stranger, asked.id)


def test_consent_is_answered_once(home: House) -> None:
    asked = home.do(service.ask_consent, home.sender.actor, without_consent(home).id)
    home.do(service.refuse_consent, home.stranger, asked.id)
    with pytest.raises(Conflict, match="consent_answered"):
        home.do(service.give_consent, home.stranger, asked.id)


def test_a_contract_that_nobody_signed_is_not_sent(home: House) -> None:
    contract = home.register()
    home.consent(contract)
    with pytest.raises(Conflict):
        home.do(service.send, home.sender.actor, contract.id)


def test_a_partner_sees_a_contract_only_from_sent_on(home: House) -> None:
    draft = home.register()
    with pytest.raises(NotFound):
        home.read(service.contract, home.recipient.actor, draft.id)
    sent = home.sent()
    assert home.contract(sent.id, home.recipient.actor).id == sent.id


def test_a_strangers_company_never_sees_it(home: House) -> None:
    sent = home.sent()
    with pytest.raises(NotFound):
        home.read(service.contract, home.stranger, sent.id)
    listed = home.read(service.listing, home.stranger, Filters())
    assert sent.id not in [contract.id for contract in listed]


def test_the_company_id_sees_all_and_can_do_nothing(home: House) -> None:
    contract = home.sent()
    assert home.contract(contract.id, home.company_id_actor).number == contract.number
    assert home.read(lambda actor, _work: service.acts_open_to(actor, contract), home.company_id_actor) == ()
    refusals = (
        (service.send, ()),
        (service.recall, ("理由",)),
        (service.confirm, ()),
        (service.discard, ()),
        (service.ask_consent, ()),
    )
    for act, more in refusals:
        with pytest.raises(Forbidden):
            home.do(act, home.company_id_actor, contract.id, *more)
    with pytest.raises(Forbidden):
        service.replace_document(home.company_id_actor, home.platform, contract.id, Upload(home.document, "契約書.pdf"))


def test_sent_back_with_a_reason_and_sent_again_unchanged(home: House) -> None:
    contract = home.sent()
    home.do(service.send_back, home.recipient.actor, contract.id, "工期を確認させてください。")
    back = home.contract(contract.id)
    assert (back.state, back.reason) == (State.SENT_BACK, "工期を確認させてください。")
    home.do(service.send, home.sender.actor, contract.id)
    assert home.contract(contract.id).state is State.SENT


def test_a_reason_is_asked_for(home: House) -> None:
    contract = home.sent()
    with pytest.raises(InputRefused, match="reason_missing"):
        home.do(service.send_back, home.recipient.actor, contract.id, "　 ")
    assert home.contract(contract.id).state is State.SENT


def test_recalled_until_the_partner_signed(home: House) -> None:
    contract = home.sent()
    home.do(service.recall, home.sender.actor, contract.id, "金額を誤りました。")
    assert home.contract(contract.id).state is State.RECALLED
    home.do(service.send, home.sender.actor, contract.id)
    home.sign(home.recipient, contract.id)
    with pytest.raises(Conflict):
        home.do(service.recall, home.sender.actor, contract.id, "やはり取り消します。")


def test_a_replaced_document_wants_a_new_signature_and_keeps_the_old_one(home: House) -> None:
    contract = home.sent()
    home.do(service.recall, home.sender.actor, contract.id, "差し替えます。")
    service.replace_document(home.sender.actor, home.platform, contract.id, Upload(home.document, "第2版.pdf"))
    replaced = home.contract(contract.id)
    assert replaced.state is State.DRAFT
    assert [document.name for document in replaced.documents] == ["契約書.pdf", "第2版.pdf"]
    assert replaced.document.slots == ()


def test_only_the_sender_confirms_and_formation_is_the_arrival_of_the_acceptance(home: House) -> None:
    contract = home.sent()
    request = home.sign(home.recipient, contract.id)
    with pytest.raises(Forbidden):
        home.do(service.confirm, home.recipient.actor, contract.id)
    home.do(service.confirm, home.sender.actor, contract.id)
    concluded = home.contract(contract.id)
    assert concluded.formed_at == request.accepted_at
    assert concluded.concluded_at is not None
    assert concluded.concluded_at > concluded.formed_at


def test_a_refused_upload_keeps_nothing(home: House, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing more\n%%EOF")
    before = len(home.read(service.listing, home.sender.actor, Filters()))
    with pytest.raises(InputRefused):
        _register(home, broken)
    assert len(home.read(service.listing, home.sender.actor, Filters())) == before


def _register(home: House, path: Path) -> None:
    good, home.document = home.document, path
    try:
        home.register()
    finally:
        home.document = good


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "　"}, "title"),
        ({"title": "改修\u202e工事"}, "title"),
        ({"kinds": ()}, "kinds"),
        ({"kinds": ("unknown",)}, "kinds"),
        ({"recipient_account_id": "0" * 32}, "recipient_account_id"),
    ],
)
def test_a_refused_registration_names_the_field(home: House, changes: dict[str, object], field: str) -> None:
    with pytest.raises(InputRefused) as refused:
        home.register(**changes)
    assert refused.value.field == field


def test_a_title_and_a_file_name_keep_their_ideographic_space(home: House) -> None:
    upload = Upload(home.document, "契約書　第2回.pdf")
    contract = home.register(title="改修　工事", upload=upload)
    assert (contract.title, contract.document.name) == ("改修　工事", "契約書　第2回.pdf")


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("改修\u202e工事", "U+202E"),
        ("クレーン\U0001f3d7更新", "「\U0001f3d7」（U+1F3D7）"),
        ("한국 工事", "「한」（U+D55C）"),
        ("渡邊\U000e0101邸", "U+908A U+E0101"),
    ],
)
def test_a_refused_title_names_the_letter_that_is_wrong_with_it(home: House, title: str, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        home.register(title=title)
    assert code in refused.value.ja
    assert (refused.value.field, "120" in refused.value.ja) == ("title", False)


def test_lists_combine_filters_of_title_partner_and_amount(home: House) -> None:
    wanted = home.register(title="足場架設 基本契約書 北辰第三ビル")
    found = home.read(
        service.listing,
        home.sender.actor,
        Filters(words="足場架設 北辰", partner="神福", gross_from=128_700_000, gross_to=128_700_000),
    )
    assert [contract.id for contract in found] == [wanted.id]
    assert not home.read(service.listing, home.sender.actor, Filters(words="足場架設 北辰", gross_from=128_700_001))


@pytest.mark.parametrize("words", ["kaishuu-50%_a", "KAISHUU-50%_A", "50%_"])
def test_words_are_found_in_any_case_and_as_they_are_written(home: House, words: str) -> None:
    wanted = home.register(title="Kaishuu-50%_A 工事")
    home.register(title="Kaishuu-50xxA 工事")
    found = home.read(service.listing, home.sender.actor, Filters(words=words))
    assert wanted.id in [contract.id for contract in found]
    assert {contract.title for contract in found} == {wanted.title}


@pytest.mark.parametrize("words", ["%", "_", "2%"])
def test_a_number_is_searched_as_it_is_written(home: House, words: str) -> None:
    home.register(title="外壁改修工事")
    titles = {contract.title for contract in home.read(service.listing, home.sender.actor, Filters(words=words))}
    assert "外壁改修工事" not in titles


@pytest.mark.parametrize("partner", ["Abe", "ABE", "abe"])
def test_a_partner_is_found_in_any_case(home: House, partner: str) -> None:
    contract = home.register(title="足場架設")
    with home.platform.work() as work:
        names = parties.update().where(parties.c.contract_id == contract.id, parties.c.ordinal == 1)
        work.session.execute(names.values(company_name="Abe Steel 合同会社"))
    found = home.read(service.listing, home.sender.actor, Filters(partner=partner))
    assert contract.id in [each.id for each in found]
