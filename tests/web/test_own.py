"""Whose it is reaches it: every route with an id, asked by its owner and by everybody else who has to do with him.

The other half of ``test_matrix``: a door that stays shut for everybody would pass there. What the owner gets shows that
he was let through: an answer, or a refusal that comes after the question whose it is.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.web.world import AUDITOR, COLLEAGUE, MESSAGE, OWN_COMPANY, OWNER, RECIPIENT, World, made_in, routes

PEOPLE = (OWNER, OWN_COMPANY, RECIPIENT, COLLEAGUE, AUDITOR)
HIDDEN, FORBIDDEN = "404 not_found", "403 forbidden"
NOT_VERIFIED = "409 bridge_not_verified"
NO_KEYS = "503 keys_unavailable"
"""No keys role runs here to sign for whoever was let through."""
CONFIRM = "403 step_up_needed"
"""Let through as far as the question whether it is really he."""
SHUT = (HIDDEN, FORBIDDEN, "500 incident")


Outcomes = tuple[str, str, str, str, str]
"""Of the people, in their order."""


def only_owner(outcome: str) -> Outcomes:
    return outcome, HIDDEN, HIDDEN, HIDDEN, HIDDEN


def seen(outcome: str) -> Outcomes:
    """A draft is its desk's; his company's ID and the auditor see every contract."""
    return outcome, outcome, HIDDEN, HIDDEN, outcome


def sender(outcome: str) -> Outcomes:
    """Who sees every contract does no contract work; before it is sent nobody else knows of it."""
    return outcome, FORBIDDEN, HIDDEN, HIDDEN, FORBIDDEN


OWN: dict[str, Outcomes] = {
    "GET authentication.confirm_certificate_removal": only_owner("200"),
    "POST authentication.remove_certificate": only_owner("422"),
    "POST authentication_messages.hello": only_owner("422 bridge_not_registered"),
    "GET authentication_messages.order": only_owner(NOT_VERIFIED),
    "POST authentication_messages.accept": only_owner(NOT_VERIFIED),
    "POST step_up.by_password": only_owner("401"),
    "POST step_up.by_recovery_code": only_owner("401"),
    "GET contracts.show": seen("200"),
    "GET contracts.document": seen("200"),
    "POST contracts.replace_document": sender("422"),
    "POST contracts.ask_consent": sender("409"),
    "POST contracts.send": sender("409"),
    "POST contracts.recall": sender("409"),
    "POST contracts.send_back": (FORBIDDEN, FORBIDDEN, "303", HIDDEN, FORBIDDEN),
    "POST contracts.confirm": sender("409"),
    "POST contracts.discard": sender("303"),
    "GET contracts.consent": ("200", "200", "200", "200", FORBIDDEN),
    "POST contracts.answer_consent": (FORBIDDEN, FORBIDDEN, CONFIRM, FORBIDDEN, FORBIDDEN),
    "GET receipts.data": seen(NO_KEYS),
    "GET receipts.sheet": seen(NO_KEYS),
    "GET signing.dialog": ("200", FORBIDDEN, HIDDEN, HIDDEN, HIDDEN),
    "POST signing.hello": only_owner("422 bridge_not_registered"),
    "GET signing.order_listing": only_owner(NOT_VERIFIED),
    "GET signing.batch": only_owner("200"),
    "GET signing.status": only_owner("200"),
    "POST signing.certificates": only_owner(NOT_VERIFIED),
    "POST signing.choose": only_owner("422 certificate_unreadable"),
    "POST signing.prepare": only_owner("409 certificate_missing"),
    "POST signing.add_fields": only_owner("200"),
    "GET signing.prepared_document": only_owner("200"),
    "POST signing.bind_connection": only_owner(NOT_VERIFIED),
    "POST signing.order_signature": only_owner(NOT_VERIFIED),
    "POST signing.accept": only_owner("422 bridge_not_proven"),
    "GET bridges.code_status": only_owner("200"),
    "GET bridges.confirm_removal": only_owner("200"),
    "POST bridges.remove": only_owner(CONFIRM),
}
SENT = "UPDATE contracts SET state = 'sent', sent_revision_id = (SELECT min(id) FROM contract_revisions)"
BEFORE = {
    "POST contracts.send_back": SENT,
    "POST step_up.by_recovery_code": "UPDATE identity_accounts SET second_factor = 1",
    "POST signing.order_signature": "UPDATE signing_batches SET connection_id = (SELECT id FROM signing_connections)",
}
"""What must have happened for anybody to be let through."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made_in(tmp_path_factory.mktemp("own")) as made:
        yield made


def test_every_route_that_names_what_is_somebody_s_has_a_row(world: World) -> None:
    named = {route for route, rule in routes(world.app).items() if rule.arguments & set(world.theirs)}
    assert named == set(OWN)


@pytest.mark.parametrize("route", OWN)
def test_of_every_row_somebody_is_let_through(route: str) -> None:
    assert set(OWN[route]) - set(SHUT)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("route", OWN)
def test_whose_it_is_gets_exactly_this(world: World, route: str, person: str) -> None:
    with world.undone():
        if route in BEFORE:
            with closing(sqlite3.connect(world.file)) as database, database:
                database.execute(BEFORE[route])
        assert ask(world, route, person) == OWN[route][PEOPLE.index(person)]


def ask(world: World, route: str, person: str) -> str:
    """Status and, of an error that is not a page of its own, its code."""
    browser, method = world.browsers[person], route.split()[0]
    path = world.path(route, {**world.theirs, "operation": "sign" if method == "POST" else "cert.list"})
    json = {"Accept": "application/json"}
    if method == "GET":
        answer = browser.get(path, headers=json)
    elif "/signing/" in path or path.startswith("/authentication/"):
        answer = browser.post_json(path, "/help/bridge", {**MESSAGE, "connection": world.theirs["connection_id"]})
    else:
        form = {"reason": "理由", "document": (io.BytesIO(b"no PDF"), "契約書.pdf")}
        answer = browser.post(path, "/help/bridge", form, headers=json)
    refused = answer.get_json(silent=True) if answer.status_code >= 400 else None
    return f"{answer.status_code} {refused['code']}" if refused else str(answer.status_code)
