"""A person in a session, the challenge he is asked, and what came of the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from cectrust.authentication import service
from cectrust.authentication.model import Challenge
from cectrust.identity import sessions, step_up
from cectrust.identity.model import OpenSession, SignedIn
from cectrust.sdk.errors import CectrustError
from cectrust.sdk.protocols import Actor
from cectrust.signing import connections
from tests.support.house import House
from tests.support.person import Person
from tests.support.proof import signed_in

ACT = "account.recovery_codes_made"


def session(home: House, person: Person, *, half_open: bool = True) -> Actor:
    with home.platform.work() as work:
        return signed_in(work, person.actor, half_open=half_open)


def login_challenge(home: House, person: Person, actor: Actor) -> Challenge:
    connection = home.do(connections.open_connection, actor, home.origin)
    home.do(connections.accept_hello, actor, connection.id, person.hello(connection))
    with home.platform.work() as work:
        (binding,) = service.usable_certificates(work, actor.id)
        return service.ask_login(actor, work, connection.id, binding.id, home.origin)


def step_up_challenge(home: House, person: Person, actor: Actor, act: str = ACT) -> Challenge:
    connection = home.do(connections.open_connection, actor, home.origin)
    home.do(connections.accept_hello, actor, connection.id, person.hello(connection))
    with home.platform.work() as work:
        asked = step_up.ask(actor, work, step_up.StepUpNeeded(act, "", ""))
        (binding,) = service.usable_certificates(work, actor.id)
        return service.ask_step_up(actor, work, connection.id, binding.id, home.origin, asked.id)


def found(home: House, opened: SignedIn) -> OpenSession | None:
    with home.platform.reading() as work:
        return sessions.account_of_session(work, opened.token)


def refusal(home: House, actor: Actor, challenge: Challenge, result: dict[str, Any]) -> str:
    with pytest.raises(CectrustError) as refused:
        service.accept(actor, home.platform, challenge.id, result)
    return refused.value.code


def last_act(home: House) -> tuple[str, dict[str, str]]:
    with home.platform.reading() as work:
        row = work.session.execute(text("SELECT act, detail FROM journal_acts ORDER BY id DESC LIMIT 1")).one()
    return row.act, json.loads(row.detail) if isinstance(row.detail, str) else row.detail
