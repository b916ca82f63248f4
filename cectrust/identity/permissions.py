"""Who may do what: one pure question, answered from one table.

``allows(actor, act, subject)`` finds a grant for the actor's kind or one of his roles whose relation to the subject
holds. What no row grants is refused. Acts are named like the journal's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cectrust.identity.model import Role
from cectrust.sdk.errors import Forbidden
from cectrust.sdk.protocols import Actor, ActorKind


@dataclass(frozen=True)
class Desk:
    """Where contract work lies: a user ID and the department it belongs to."""

    company_id: str
    department: str = ""
    account_id: str = ""


@dataclass(frozen=True)
class Subject:
    """What permissions need to know of the thing acted on.

    A contract lists its recipients only from *sent* on; before, no partner has any relation to it.
    """

    sender: Desk | None = None
    recipients: tuple[Desk, ...] = ()
    account_id: str = ""
    company_id: str = ""


NOTHING = Subject()


class Relation(StrEnum):
    ANY = "any"
    """No condition on the subject."""
    SELF = "self"
    """The subject is the actor's own account."""
    COMPANY = "company"
    """The actor's company owns, sent or received it."""
    SENDER = "sender"
    """The actor, or his department, registered it."""
    RECIPIENT = "recipient"
    """The actor, or his department, received it."""
    PARTY = "party"
    """Sender or recipient."""


@dataclass(frozen=True)
class Grant:
    act: str
    who: ActorKind | Role
    relation: Relation = Relation.ANY


_EVERYBODY = (ActorKind.USER, ActorKind.COMPANY, ActorKind.STAFF)

GRANTS: tuple[Grant, ...] = (
    Grant("company.created", ActorKind.SYSTEM),
    Grant("company.created", Role.RECEPTIONIST),
    Grant("account.created", ActorKind.SYSTEM),
    Grant("account.created", Role.RECEPTIONIST),
    Grant("certificate.bound", ActorKind.SYSTEM),
    Grant("certificate.bound", Role.CA_OFFICER),
    Grant("certificate.unbound", ActorKind.SYSTEM),
    *(Grant("certificate.unbound", kind, Relation.SELF) for kind in _EVERYBODY),
    Grant("bridge.registered", ActorKind.SYSTEM),
    Grant("bridge.registered", Role.CA_OFFICER),
    *(
        Grant(act, kind, Relation.SELF)
        for kind in _EVERYBODY
        for act in ("bridge.view", "bridge.code_made", "bridge.paired", "bridge.removed", "signing.connect")
    ),
    Grant("account.password_reset", ActorKind.SYSTEM),
    Grant("account.second_factor_reset", ActorKind.SYSTEM),
    Grant("account.recovery_codes_issued", ActorKind.SYSTEM),
    *(
        Grant(f"account.{act}", who)
        for act in ("deactivated", "activated")
        for who in (ActorKind.SYSTEM, Role.SYSTEM_ADMINISTRATOR)
    ),
    *(
        Grant(f"account.{act}", kind, Relation.SELF)
        for kind in _EVERYBODY
        for act in ("password_changed", "second_factor_on", "second_factor_off", "recovery_codes_made")
    ),
    Grant("partner.view", ActorKind.USER),
    Grant("partner.view", ActorKind.COMPANY),
    Grant("document.verify", ActorKind.USER),
    Grant("document.verify", ActorKind.COMPANY),
    Grant("document.verify", ActorKind.STAFF),
    Grant("contract.view", ActorKind.USER, Relation.PARTY),
    Grant("contract.view", ActorKind.COMPANY, Relation.COMPANY),
    Grant("contract.view", Role.AUDITOR),
    Grant("contract.registered", ActorKind.USER),
    Grant("signing.selected", ActorKind.USER),
    *(
        Grant(f"contract.{act}", ActorKind.USER, Relation.SENDER)
        for act in ("document_replaced", "consent_requested", "signed", "sent", "recalled", "concluded", "discarded")
    ),
    *(Grant(f"contract.{act}", ActorKind.USER, Relation.RECIPIENT) for act in ("signed", "returned", "sent_back")),
    Grant("contract.consent_given", ActorKind.USER, Relation.COMPANY),
    Grant("contract.consent_refused", ActorKind.USER, Relation.COMPANY),
    Grant("contract.consent_withdrawn", ActorKind.USER, Relation.COMPANY),
)


def allows(actor: Actor, act: str, subject: Subject = NOTHING) -> bool:
    """Whether the actor may do this act to the subject."""
    return any(
        grant.act == act and _is(actor, grant.who) and _related(actor, grant.relation, subject) for grant in GRANTS
    )


def require(actor: Actor, act: str, subject: Subject = NOTHING) -> None:
    """Raises ``Forbidden`` unless ``allows``. For a subject the actor may not even see, raise ``NotFound`` instead."""
    if not allows(actor, act, subject):
        raise Forbidden(
            "forbidden",
            "この操作を行う権限がありません。貴社の担当者または管理者にご確認ください。",
            "You are not entitled to do this. Ask the person in charge in your company.",
            detail=f"{act} by {actor.kind}:{actor.id}",
        )


def _is(actor: Actor, who: ActorKind | Role) -> bool:
    if isinstance(who, ActorKind):
        return actor.kind is who
    return actor.kind is ActorKind.STAFF and who.value in actor.roles


def _related(actor: Actor, relation: Relation, subject: Subject) -> bool:
    sender = () if subject.sender is None else (subject.sender,)
    match relation:
        case Relation.ANY:
            return True
        case Relation.SELF:
            return subject.account_id == actor.id
        case Relation.COMPANY:
            desks = (*sender, *subject.recipients, Desk(subject.company_id))
            return actor.company_id is not None and actor.company_id in {desk.company_id for desk in desks}
        case Relation.SENDER:
            return _sits_at(actor, sender)
        case Relation.RECIPIENT:
            return _sits_at(actor, subject.recipients)
        case Relation.PARTY:
            return _sits_at(actor, (*sender, *subject.recipients))


def _sits_at(actor: Actor, desks: tuple[Desk, ...]) -> bool:
    """A desk is one's own, one's department's, or, where a company named no department, everybody's there."""
    return any(
        desk.company_id == actor.company_id
        and (desk.account_id == actor.id or desk.department == actor.department or not desk.department)
        for desk in desks
    )


@dataclass(frozen=True)
class Scope:
    """What a store may show at all; every query takes one."""

    company_id: str | None
    """``None`` sees every company (auditor)."""
    account_id: str | None = None
    """With ``department``: a user's own and his department's; ``None`` sees the whole company."""
    department: str | None = None


def scope_of(actor: Actor) -> Scope:
    """The actor's scope over contracts. Staff without the auditor's role have none: ``Forbidden``."""
    if actor.kind is ActorKind.USER and actor.company_id:
        return Scope(actor.company_id, actor.id, actor.department)
    if actor.kind is ActorKind.COMPANY and actor.company_id:
        return Scope(actor.company_id)
    if _is(actor, Role.AUDITOR):
        return Scope(None)
    require(actor, "contract.list")
    raise AssertionError("no grant row exists for contract.list")
