"""Who gets what from every route: generated from the URL map, so that a new route without a row fails.

Every person asks for things that are not there or are another company's: what he may not know of answers 404 like
what does not exist, what his kind of ID may never do answers 403, and nobody gets in without signing in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from werkzeug.routing import Rule

from cectrust.app import create_app
from cectrust.clock import SystemClock
from cectrust.database import metadata
from cectrust.identity import service as identity
from cectrust.identity import sign_in
from cectrust.identity.model import Account, NewAccount
from cectrust.platform import Platform
from cectrust.sdk.protocols import ActorKind
from cectrust.web.application import Application
from cectrust.web.rates import limiter
from tests.e2e.stage import PARTNER, SENDER, example_contract
from tests.support import platforms
from tests.support.partner_ca import make_partner
from tests.web.conftest import MORE, PASSWORD
from tests.web.foreign import belongings
from tests.web.support import Browser

NOBODY, USER, COMPANY, STAFF = "nobody", "user", "company", "staff"
MESSAGE = {"connection": "f" * 32, "certificate": "AAAA", "result": {}}
PEOPLE = (NOBODY, USER, COMPANY, STAFF)
TO_SIGN_IN = 303
ABSENT = "f" * 32
OTHER_VALUES = {"filename": "seal.svg", "answer": "give", "operation": "sign", "ordinal": "0"}


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


@dataclass(frozen=True)
class World:
    """The application, what belongs to another company, and outsiders' browsers by kind of person."""

    app: Application
    theirs: dict[str, str]
    owner: str
    browsers: dict[str, Browser]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("matrix")
    more = f'{MORE}[plugins.partner_toml]\nfiles = ["{make_partner(folder).description}"]\n'
    platform = platforms.platform(folder, f"sqlite:///{folder}/cectrust.db", clock=SystemClock(), more=more)
    metadata.create_all(platform.database.engine)
    owner, partner = _open(platform, SENDER), _open(platform, PARTNER)
    theirs = belongings(platform, owner, example_contract(platform, owner, partner))
    app = create_app(platform)
    browsers = {NOBODY: Browser(app.test_client())}
    for kind in (ActorKind.USER, ActorKind.COMPANY, ActorKind.STAFF):
        account = _open(platform, "無関係な株式会社", kind)
        browsers[kind.value] = Browser(app.test_client())
        browsers[kind.value].sign_in(account.login_id, PASSWORD)
    yield World(app, theirs, owner.login_id, browsers)
    with app.app_context():
        limiter.reset()
    platform.close()


def _open(platform: Platform, company: str, kind: ActorKind = ActorKind.USER) -> Account:
    with platform.work() as work:
        made = None if kind is ActorKind.STAFF else identity.create_company(identity.SYSTEM, work, company)
        login_id = f"{kind.value}-{made.number if made else 'x'}"
        new = NewAccount(login_id, kind, made.id if made else None, "購買部", "髙﨑 𠮷乃", "y@example.jp")
        opened = identity.create_account(identity.SYSTEM, work, new)
        return sign_in.change_password(opened.account.actor, work, opened.initial_password, PASSWORD).account


def routes(app: Application) -> dict[str, Rule]:
    rules = app.url_map.iter_rules()
    return {f"{m} {rule.endpoint}": rule for rule in rules for m in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    assert set(routes(world.app)) == set(MATRIX)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("route", MATRIX)
def test_an_outsider_gets_exactly_this(world: World, route: str, person: str) -> None:
    method, rule = route.split()[0], routes(world.app)[route]
    for found in (world.theirs, {}):
        values = {name: found.get(name, OTHER_VALUES.get(name, ABSENT)) for name in rule.arguments}
        path = world.app.url_map.bind("localhost").build(rule.endpoint, values)
        assert (path, ask(world, method, path, person)) == (path, MATRIX[route][person])


@pytest.mark.parametrize("name", ["contract_id", "consent_id", "batch_id", "bridge_id", "code_id", "binding_id"])
def test_whose_it_is_finds_it(world: World, name: str) -> None:
    browser = Browser(world.app.test_client())
    browser.sign_in(world.owner, PASSWORD)
    own = [rule for route, rule in routes(world.app).items() if route.startswith("GET ") and rule.arguments == {name}]
    paths = [world.app.url_map.bind("localhost").build(rule.endpoint, {name: world.theirs[name]}) for rule in own]
    assert 200 in [browser.get(path).status_code for path in paths]


def ask(world: World, method: str, path: str, person: str) -> int:
    browser = world.browsers[person]
    if method == "GET":
        return browser.get(path).status_code
    if "/signing/" in path or path.startswith("/authentication/"):
        return browser.post_json(path, "/help/bridge", MESSAGE).status_code
    status = browser.post(path, "/help/bridge", {"reason": "理由"}).status_code
    if path == "/sign-out" and person != NOBODY:
        login_id = {USER: "user-c000003-4", COMPANY: "company-c000004-2", STAFF: "staff-x"}[person]
        assert browser.sign_in(login_id, PASSWORD).status_code == 303
    return status
