"""Each dangerous act is refused by its service until its person confirmed it, in this session, minutes ago."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cectrust.authentication import second_factor
from cectrust.authentication import service as authentication
from cectrust.certificates.tables import bindings
from cectrust.contracts import service as contracts
from cectrust.contracts.tables import consents
from cectrust.database import Database
from cectrust.identity import service, sign_in, step_up
from cectrust.identity.model import Account, OpenedAccount
from cectrust.sdk.errors import NotFound
from cectrust.sdk.protocols import Actor
from cectrust.signing import bridges
from cectrust.work import Work
from tests.conftest import ChosenClock
from tests.support.proof import confirmed, signed_in
from tests.support.works import work_on

NONE = frozenset[Any]()
COMPUTER, BINDING, ASKED, GIVEN = "b" * 43, "c" * 32, "a" * 32, "e" * 32
Dangerous = Callable[[Actor, Work], Any]

ACTS: dict[str, Dangerous] = {
    "bridge.code_made": bridges.make_code,
    "bridge.removed": lambda actor, work: bridges.remove(actor, work, COMPUTER),
    "contract.consent_given": lambda actor, work: contracts.give_consent(actor, work, ASKED),
    "contract.consent_withdrawn": lambda actor, work: contracts.withdraw_consent(actor, work, GIVEN),
    "certificate.unbound": lambda actor, work: authentication.remove_certificate(actor, work, BINDING, "lost"),
    "account.password_changed": lambda actor, work: sign_in.change_password(actor, work, "x", "a new one, long enough"),
    "account.second_factor_on": second_factor.switch_on,
    "account.second_factor_off": lambda actor, work: second_factor.switch_off(actor, work, NONE),
    "account.recovery_codes_made": second_factor.make_codes,
}


def prepared(work: Work, account: OpenedAccount, act: str) -> Actor:
    """A person for whom the act is possible but for its confirmation."""
    mine = account.account
    service.set_second_factor(work, mine.id, on=act != "account.second_factor_on")
    sign_in.store.set_password(work.session, mine.id, "x", must_change=False)
    bridges.register(service.SYSTEM, work, mine.login_id, COMPUTER, {})
    digests = dict.fromkeys(("issuer_sha256", "key_sha256", "certificate_sha256"), "d" * 64)
    times = dict.fromkeys(("not_before", "not_after", "bound_at"), work.clock.now())
    facts = {"kind": "k", "serial": "1", "certificate": b"", "holder": "髙﨑 𠮷乃", **digests, **times}
    work.session.execute(bindings.insert().values(id=BINDING, account_id=mine.id, **facts))
    _asked_for_consent(work, mine)
    return signed_in(work, mine.actor)


def _asked_for_consent(work: Work, mine: Account) -> None:
    """One request that is open, and one to which he consented."""
    both = {"asking_company_id": mine.company_id, "partner_company_id": mine.company_id, "asked_by": mine.id}
    words = dict.fromkeys(("asking_company_name", "partner_company_name", "means", "format", "given_by"), "x")
    for consent_id, given_at in ((ASKED, None), (GIVEN, 1)):
        row = {"id": consent_id, "given_at": given_at, "asked_at": 0, **both, **words}
        work.session.execute(consents.insert().values(**row))


def test_every_dangerous_act_is_in_the_table_of_this_test() -> None:
    assert set(ACTS) == set(step_up.DANGEROUS)


@pytest.mark.parametrize("act", ACTS)
def test_a_dangerous_act_is_refused_until_it_is_confirmed(
    database: Database, clock: ChosenClock, opened: OpenedAccount, act: str
) -> None:
    with work_on(database, clock) as work:
        actor = prepared(work, opened, act)
        for who in (actor, replace(actor, session="")):
            with pytest.raises(step_up.StepUpNeeded) as needed:
                ACTS[act](who, work)
            assert needed.value.act == act


def test_a_confirmation_holds_for_its_act_its_subject_its_session_and_five_minutes(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        actor = confirmed(work, opened.account.actor, "bridge.code_made", "one")
        elsewhere = signed_in(work, opened.account.actor)
        step_up.require_step_up(actor, work, "bridge.code_made", "one")
        for who, act, subject in (
            (actor, "bridge.code_made", "two"),
            (actor, "bridge.removed", "one"),
            (elsewhere, "bridge.code_made", "one"),
        ):
            with pytest.raises(step_up.StepUpNeeded):
                step_up.require_step_up(who, work, act, subject)
        clock.advance(seconds=299)
        step_up.require_step_up(actor, work, "bridge.code_made", "one")
        clock.advance(seconds=1)
        with pytest.raises(step_up.StepUpNeeded):
            step_up.require_step_up(actor, work, "bridge.code_made", "one")


def test_what_was_asked_in_one_session_is_not_found_in_another(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        actor, elsewhere = (signed_in(work, opened.account.actor) for _ in range(2))
        asked = step_up.ask(actor, work, step_up.StepUpNeeded("bridge.code_made", "", ""))
        assert step_up.asked(actor, work, asked.id) == asked
        with pytest.raises(NotFound):
            step_up.confirm(elsewhere, work, asked.id, "password")


def test_an_act_that_is_not_in_the_list_is_a_mistake_of_the_program(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work, pytest.raises(ValueError, match="not in the list"):
        step_up.require_step_up(opened.account.actor, work, "contract.discarded")


def test_the_sentence_in_the_bridges_window_is_at_most_200_characters() -> None:
    for act in step_up.DANGEROUS:
        asked = step_up.Confirmation("", "", act, "", "髙" * step_up.MAX_ABOUT, None)
        assert len(step_up.sentence(asked)) <= 200
