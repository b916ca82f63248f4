"""T7: nothing is sent to a partner without its recorded consent to electronic means.

建設業法19条3項, 同施行令5条の5 and 同施行規則13条の2: the kinds of means and the way of recording are shown before;
the consent itself is electronic or written; it may be withdrawn, and then nothing new is sent.
"""

from __future__ import annotations

from dataclasses import replace

from cectrust.characters import seen
from cectrust.clock import new_id
from cectrust.contracts import store
from cectrust.contracts.model import Consent, Contract, ContractAct
from cectrust.contracts.service import moving
from cectrust.identity.permissions import Subject, require
from cectrust.identity.step_up import require_step_up
from cectrust.sdk.errors import Conflict, NotFound
from cectrust.sdk.protocols import Act, Actor
from cectrust.work import Work

MEANS = (
    "電子情報処理組織を使用する方法（本サービスのサーバーに記録した契約書を、インターネットを通じて閲覧に供し、"
    "相手方の電子計算機に備えられたファイルに記録できるようにする措置。建設業法施行規則13条の4第1項1号ロ）"
)
FORMAT = "PDF 形式（電子署名とタイムスタンプを付した PAdES 形式。一般の PDF 閲覧ソフトで表示・印刷できます）"


def ask_consent(actor: Actor, work: Work, contract_id: str) -> Consent:
    """Ask the partner of a contract; nothing of the contract is shown to it.

    Raises:
        Conflict: consent stands already, or was asked for and is not yet answered.
    """
    contract, _ = moving.prepare(actor, work, contract_id, ContractAct.REQUEST_CONSENT)
    _refuse_second_request(_latest(work, contract))
    asked = _request(actor, work, contract)
    if not store.consents.insert_request(work.session, asked):
        raise _asked_already()
    moving.record(actor, work, contract, "consent_requested", {"consent_id": asked.id})
    return asked


def consents_of(actor: Actor, work: Work) -> list[Consent]:
    """All that the actor's company asked for or was asked for, newest first."""
    require(actor, "partner.view")
    return store.consents.of_company(work.session, str(actor.company_id))


def consent(actor: Actor, work: Work, consent_id: str) -> Consent:
    """A request for consent that the actor's company made or got. Raises ``NotFound``."""
    require(actor, "partner.view")
    found = store.consents.by_id(work.session, str(actor.company_id), consent_id)
    if found is None:
        raise NotFound("承諾の依頼", "request for consent")
    return found


def consent_for(work: Work, contract: Contract) -> Consent | None:
    """The newest consent between sender and partner of a contract, whatever became of it."""
    return _latest(work, contract)


def give_consent(actor: Actor, work: Work, consent_id: str) -> Consent:
    """A user of the partner consents; who and when is kept with what was shown.

    Raises:
        Conflict: answered already. StepUpNeeded: not confirmed.
    """
    consent = _asked_of(actor, work, consent_id, "consent_given")
    if not consent.open:
        raise _answered()
    _require_proof(actor, work, consent, "contract.consent_given")
    by = f"{actor.name}（{consent.partner_company_name}）"
    return _answer(actor, work, replace(consent, given_at=work.clock.now(), given_by=by), "consent_given")


def refuse_consent(actor: Actor, work: Work, consent_id: str) -> Consent:
    """The partner says no; it can be asked again."""
    consent = _asked_of(actor, work, consent_id, "consent_refused")
    return _answer(actor, work, replace(consent, refused_at=work.clock.now()), "consent_refused")


def withdraw_consent(actor: Actor, work: Work, consent_id: str) -> Consent:
    """The partner withdraws: new sends are stopped, what was sent before stays valid.

    Raises:
        Conflict: there is none. StepUpNeeded: not confirmed.
    """
    consent = _asked_of(actor, work, consent_id, "consent_withdrawn")
    if not consent.stands:
        raise Conflict(
            "consent_not_given", "承諾されていないため、撤回できません。", "There is no consent to withdraw."
        )
    _require_proof(actor, work, consent, "contract.consent_withdrawn")
    return _answer(actor, work, replace(consent, withdrawn_at=work.clock.now()), "consent_withdrawn")


def require_consent(work: Work, contract: Contract) -> None:
    """Raises ``Conflict`` that says what is missing and who has to act, unless the partner's consent stands."""
    consent = _latest(work, contract)
    if consent is not None and consent.stands:
        return
    partner = contract.recipients[0].company_name
    if consent is None:
        todo = "「電磁的措置の承諾を依頼する」から、承諾を依頼してください。"
    elif consent.open:
        todo = "承諾を依頼済みです。取引先の回答をお待ちください。"
    else:
        todo = "取引先が承諾していないか、承諾を撤回しました。取引先とご相談のうえ、あらためて依頼してください。"
    raise Conflict(
        "consent_missing",
        f"{partner} から電磁的措置の承諾を得ていないため、送付できません（建設業法19条3項）。{todo}",
        "The partner has not consented to electronic means, so nothing can be sent (Construction Business Act 19(3)).",
    )


def _latest(work: Work, contract: Contract) -> Consent | None:
    recipient = contract.recipients[0]
    return store.consents.latest(work.session, contract.sender.company_id, recipient.company_id)


def _refuse_second_request(consent: Consent | None) -> None:
    if consent is not None and consent.stands:
        raise Conflict("consent_stands", "すでに承諾を得ています。", "The partner has consented already.")
    if consent is not None and consent.open:
        raise _asked_already()


def _asked_already() -> Conflict:
    return Conflict(
        "consent_asked",
        "承諾を依頼済みです。取引先の回答をお待ちください。",
        "The partner was asked already and has not answered yet.",
    )


def _request(actor: Actor, work: Work, contract: Contract) -> Consent:
    sender, recipient = contract.sender, contract.recipients[0]
    return Consent(
        id=new_id(work.clock),
        asking_company_id=sender.company_id,
        asking_company_name=sender.company_name,
        partner_company_id=recipient.company_id,
        partner_company_name=recipient.company_name,
        means=MEANS,
        format=FORMAT,
        asked_at=work.clock.now(),
        asked_by=actor.id,
        given_at=None,
        given_by="",
        refused_at=None,
        withdrawn_at=None,
    )


def _asked_of(actor: Actor, work: Work, consent_id: str, act: str) -> Consent:
    found = consent(actor, work, consent_id)
    require(actor, f"contract.{act}", Subject(company_id=found.partner_company_id))
    return found


def _require_proof(actor: Actor, work: Work, consent: Consent, act: str) -> None:
    """A consent binds the company (decision 073)."""
    require_step_up(actor, work, act, consent.id, seen(consent.asking_company_name))


def _answered() -> Conflict:
    return Conflict("consent_answered", "この依頼には、すでに回答されています。", "This request was answered already.")


def _answer(actor: Actor, work: Work, consent: Consent, act: str) -> Consent:
    if not store.consents.answer(work.session, consent):
        raise _answered()
    detail = {
        "consent_id": consent.id,
        "asking": consent.asking_company_name,
        "partner": consent.partner_company_name,
        "asked_by": consent.asked_by,
        "means": consent.means,
        "format": consent.format,
    }
    companies = (consent.asking_company_id, consent.partner_company_id)
    work.journal.record(work.session, actor, Act(f"contract.{act}", consent.id, companies, detail))
    return consent
