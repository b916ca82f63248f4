"""What no row grants is refused."""

from __future__ import annotations

import pytest

from cectrust.identity.permissions import GRANTS, Desk, Scope, Subject, allows, require, scope_of
from cectrust.sdk.errors import Forbidden
from cectrust.sdk.protocols import Actor, ActorKind

USER = Actor(ActorKind.USER, "u1", "a", "購買部")
COLLEAGUE = Actor(ActorKind.USER, "u2", "a", "購買部")
OTHER_DEPARTMENT = Actor(ActorKind.USER, "u3", "a", "工事部")
COMPANY = Actor(ActorKind.COMPANY, "ca", "a")
PARTNER = Actor(ActorKind.USER, "u9", "b", "購買部")
STRANGER = Actor(ActorKind.USER, "u8", "c", "購買部")
AUDITOR = Actor(ActorKind.STAFF, "s1", roles=frozenset({"auditor"}))
ADMINISTRATOR = Actor(ActorKind.STAFF, "s2", roles=frozenset({"system_administrator"}))
SENT = Subject(sender=Desk("a", "購買部", "u1"), recipients=(Desk("b"),))
DRAFT = Subject(sender=Desk("a", "購買部", "u1"))


@pytest.mark.parametrize(
    ("actor", "view", "send", "send_back"),
    [
        (USER, True, True, False),
        (COLLEAGUE, True, True, False),
        (OTHER_DEPARTMENT, False, False, False),
        (COMPANY, True, False, False),
        (PARTNER, True, False, True),
        (STRANGER, False, False, False),
        (AUDITOR, True, False, False),
        (ADMINISTRATOR, False, False, False),
    ],
)
def test_each_role_may_do_exactly_this_to_a_sent_contract(
    actor: Actor, view: bool, send: bool, send_back: bool
) -> None:
    asked = [allows(actor, f"contract.{act}", SENT) for act in ("view", "sent", "sent_back")]
    assert asked == [view, send, send_back]


def test_a_partner_sees_nothing_before_it_was_sent() -> None:
    assert not allows(PARTNER, "contract.view", DRAFT)


@pytest.mark.parametrize("act", sorted({grant.act for grant in GRANTS}))
def test_a_company_id_does_no_contract_work(act: str) -> None:
    if act.startswith("contract.") and act != "contract.view":
        assert not allows(COMPANY, act, SENT)


def test_an_act_nobody_named_is_refused() -> None:
    with pytest.raises(Forbidden):
        require(USER, "contract.burnt", SENT)


def test_nobody_changes_another_ones_password() -> None:
    assert allows(USER, "account.password_changed", Subject(account_id="u1"))
    assert not allows(USER, "account.password_changed", Subject(account_id="u2"))


def test_a_role_counts_only_for_staff() -> None:
    assert not allows(Actor(ActorKind.USER, "u", "c", roles=frozenset({"auditor"})), "contract.view", SENT)


def test_scopes_are_as_wide_as_the_kind_of_id() -> None:
    assert scope_of(USER) == Scope("a", "u1", "購買部")
    assert scope_of(COMPANY) == Scope("a")
    assert scope_of(AUDITOR) == Scope(None)
    with pytest.raises(Forbidden):
        scope_of(ADMINISTRATOR)
