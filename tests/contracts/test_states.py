"""The life of a contract is one table; these hold it together with everything that reads it."""

from __future__ import annotations

from cectrust.contracts.model import STATE_LABELS_JA, TRANSITIONS, ContractAct, PartyRole, State
from cectrust.contracts.numbers import contract_number
from cectrust.identity.permissions import GRANTS


def test_every_transition_is_granted_to_somebody_and_every_state_has_a_name() -> None:
    granted = {grant.act for grant in GRANTS}
    assert {f"contract.{transition.act}" for transition in TRANSITIONS} <= granted
    assert set(STATE_LABELS_JA) == set(State)


def test_every_state_but_the_last_ones_has_a_way_on() -> None:
    assert {t.source for t in TRANSITIONS} == set(State) - {State.CONCLUDED, State.DISCARDED}


def test_only_the_sender_confirms_and_only_the_recipient_returns() -> None:
    by = {t.act: t.by for t in TRANSITIONS}
    assert by[ContractAct.CONFIRM] is PartyRole.SENDER
    assert by[ContractAct.RETURN] is PartyRole.RECIPIENT


def test_a_contract_numbers_check_digit_notices_a_swap() -> None:
    assert contract_number(2026, 4182)[:-1] == "CT-2026-004182-"
    assert contract_number(2026, 4182)[-1] != contract_number(2026, 4128)[-1]
