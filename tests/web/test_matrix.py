"""Who gets what from every route: generated from the URL map, so that a new route without a row fails.

Every person asks for things that are not there or are another company's: what he may not know of answers 404 like
what does not exist, what his kind of ID may never do answers 403, and nobody gets in without signing in.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.conftest import PASSWORD
from tests.web.world import COMPANY, MESSAGE, NOBODY, STAFF, USER, World, made_in, routes

PEOPLE = (NOBODY, USER, COMPANY, STAFF)
TO_SIGN_IN = 303


def row(user: int, company: int, staff: int, nobody: int = TO_SIGN_IN) -> dict[str, int]:
    return {NOBODY: nobody, USER: user, COMPANY: company, STAFF: staff}


EVERYBODY = row(200, 200, 200)
PUBLIC = row(404, 404, 404, nobody=404)
"""The log is everybody's; nothing was published yet."""
FOREIGN = row(404, 404, 403)
"""A contract of other companies: staff without the auditor's role have no scope at all."""
PARTIES = row(200, 200, 403)
OF_ANOTHER = row(404, 404, 404)
"""A connection or signing request of another user."""
SCRIPT = row(404, 404, 403, nobody=401)
SCRIPT_OF_ANOTHER = row(404, 404, 404, nobody=401)

MATRIX: dict[str, dict[str, int]] = {
    "GET static": row(200, 200, 200, 200),
    "GET web.alive": row(200, 200, 200, 200),
    "GET web.bridge_help": row(200, 200, 200, 200),
    "GET web.pc_setup": row(308, 308, 308, 308),
    "GET web.policy_file": PUBLIC,
    "POST web.choose_language": row(303, 303, 303, 303),
    "GET identity.sign_in": row(303, 303, 303, 200),
    "POST identity.enter": row(401, 401, 401, 401),
    "POST identity.sign_out": row(303, 303, 303),
    "GET identity.password": EVERYBODY,
    "POST identity.change_password": row(401, 401, 401),
    "GET authentication.second_factor": row(303, 303, 303),
    "POST authentication.recover": row(303, 303, 303),
    "GET authentication.settings": EVERYBODY,
    "POST authentication.switch_on": row(403, 403, 403),  # each asks to be confirmed first
    "POST authentication.switch_off": row(403, 403, 403),
    "POST authentication.make_codes": row(403, 403, 403),
    "GET authentication.confirm_certificate_removal": OF_ANOTHER,
    "POST authentication.remove_certificate": OF_ANOTHER,
    "POST authentication_messages.open_connection": row(201, 201, 201, nobody=401),
    "POST authentication_messages.hello": SCRIPT_OF_ANOTHER,
    "POST authentication_messages.ask": SCRIPT_OF_ANOTHER,
    "GET authentication_messages.order": OF_ANOTHER,
    "POST authentication_messages.accept": SCRIPT_OF_ANOTHER,
    "POST step_up.by_password": OF_ANOTHER,
    "POST step_up.by_recovery_code": OF_ANOTHER,
    "GET contracts.home": PARTIES,
    "GET contracts.listing": PARTIES,
    "GET contracts.new": row(200, 403, 403),
    "POST contracts.register": row(422, 403, 403),
    "GET contracts.show": FOREIGN,
    "GET contracts.document": FOREIGN,
    "POST contracts.replace_document": FOREIGN,
    "POST contracts.ask_consent": FOREIGN,
    "POST contracts.send": FOREIGN,
    "POST contracts.recall": FOREIGN,
    "POST contracts.send_back": FOREIGN,
    "POST contracts.confirm": FOREIGN,
    "POST contracts.discard": FOREIGN,
    "GET contracts.consents": PARTIES,
    "GET contracts.consent": FOREIGN,
    "POST contracts.answer_consent": FOREIGN,
    "GET contracts.partners": PARTIES,
    "GET receipts.data": FOREIGN,
    "GET receipts.sheet": FOREIGN,
    "GET archive.checkpoint": PUBLIC,
    "GET archive.tile": PUBLIC,
    "GET archive.key": row(503, 503, 503, nobody=503),  # no keys role runs here
    "GET verification.form": EVERYBODY,
    "POST verification.verify": row(422, 422, 422),
    "GET signing.dialog": FOREIGN,
    "POST signing.open_connection": row(201, 201, 201, nobody=401),
    "POST signing.hello": SCRIPT_OF_ANOTHER,
    "GET signing.order_listing": OF_ANOTHER,
    "POST signing.select": row(422, 403, 403, nobody=401),
    "GET signing.batch": OF_ANOTHER,
    "GET signing.status": OF_ANOTHER,
    "POST signing.certificates": SCRIPT_OF_ANOTHER,
    "POST signing.choose": SCRIPT_OF_ANOTHER,
    "POST signing.prepare": SCRIPT_OF_ANOTHER,
    "POST signing.add_fields": SCRIPT_OF_ANOTHER,
    "GET signing.prepared_document": OF_ANOTHER,
    "POST signing.bind_connection": SCRIPT_OF_ANOTHER,
    "POST signing.order_signature": SCRIPT_OF_ANOTHER,
    "POST signing.accept": SCRIPT_OF_ANOTHER,
    "GET bridges.listing": EVERYBODY,
    "POST bridges.make_code": row(403, 403, 403),  # asks to be confirmed first
    "GET bridges.code_status": OF_ANOTHER,
    "GET bridges.confirm_removal": OF_ANOTHER,
    "POST bridges.remove": OF_ANOTHER,
    "GET bridges.description": row(503, 503, 503, nobody=503),  # no keys role runs here
    "POST bridges.pair": row(503, 503, 503, nobody=503),
    "POST bridges.leave": row(503, 503, 503, nobody=503),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made_in(tmp_path_factory.mktemp("matrix")) as made:
        yield made


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    assert set(routes(world.app)) == set(MATRIX)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("route", MATRIX)
def test_an_outsider_gets_exactly_this(world: World, route: str, person: str) -> None:
    method = route.split()[0]
    for found in (world.theirs, {}):
        path = world.path(route, found)
        assert (path, ask(world, method, path, person)) == (path, MATRIX[route][person])


def ask(world: World, method: str, path: str, person: str) -> int:
    browser = world.browsers[person]
    if method == "GET":
        return browser.get(path).status_code
    if "/signing/" in path or path.startswith("/authentication/"):
        return browser.post_json(path, "/help/bridge", MESSAGE).status_code
    status = browser.post(path, "/help/bridge", {"reason": "理由"}).status_code
    if path == "/sign-out" and person != NOBODY:
        assert browser.sign_in(world.logins[person], PASSWORD).status_code == 303
    return status
