"""Between the password and the certificate nothing is possible but to go on or to leave: asked of every route."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from cectrust.authentication import second_factor
from cectrust.identity import service, sessions, sign_in
from cectrust.platform import Platform
from cectrust.web.application import Application
from cectrust.web.guards import is_public
from tests.conftest import ChosenClock
from tests.support.proof import confirmed
from tests.web.conftest import PASSWORD, Person
from tests.web.support import BASE, Browser
from tests.web.world import ABSENT, OTHER_VALUES, routes

OPEN_TO_HALF = {
    "POST identity.sign_out",
    "GET authentication.second_factor",
    "POST authentication.recover",
    "POST authentication_messages.open_connection",
    "POST authentication_messages.hello",
    "POST authentication_messages.ask",
    "GET authentication_messages.order",
    "POST authentication_messages.accept",
}
PAGE = "/sign-in/second-factor"


@pytest.fixture
def codes(platform: Platform, user: Person) -> list[str]:
    """The user's recovery codes: he has chosen his password and switched the second factor on."""
    with platform.work() as work:
        actor = service.account(work, user.account_id).actor
        sign_in.change_password(actor, work, user.password, PASSWORD)
        return second_factor.switch_on(confirmed(work, actor, "account.second_factor_on"), work)[1]


@pytest.fixture
def half(browser: Browser, user: Person, codes: list[str]) -> Browser:
    """A browser in a half-open session."""
    answer = browser.sign_in(user.login_id, PASSWORD, next="/partners")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?next=/partners")
    return browser


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("__Host-cectrust", domain="localhost")
    assert found
    return found.value


def token(client: FlaskClient) -> str:
    with client.session_transaction(base_url=BASE) as session:
        return str(session["_user_id"])


def test_no_route_but_those_of_the_second_factor_answers_half_a_session(app: Application, half: Browser) -> None:
    for name, rule in routes(app).items():
        method, endpoint = name.split()
        if is_public(app, endpoint) or name in OPEN_TO_HALF:
            continue
        values = {argument: OTHER_VALUES.get(argument, ABSENT) for argument in rule.arguments}
        path = app.url_map.bind("localhost").build(endpoint, values)
        answer = half.get(path) if method == "GET" else half.post(path, PAGE)
        assert (name, answer.status_code) == (name, 303)
        assert answer.location.startswith(PAGE), name


def test_the_list_above_is_that_of_the_program(app: Application) -> None:
    marked = {name for name in routes(app) if getattr(app.view_functions[name.split()[1]], "cectrust_half_open", False)}
    assert marked == OPEN_TO_HALF


def test_scripts_are_told_why(half: Browser) -> None:
    answer = half.post_json("/signing/connections", PAGE, {})
    assert (answer.status_code, answer.json and answer.json["code"]) == (401, "second_factor_needed")


def test_the_page_shows_no_menu_and_says_what_is_missing(half: Browser) -> None:
    page = half.get(PAGE).text
    assert "有効な電子証明書がありません" in page
    assert '<nav aria-label="主なメニュー">' not in page
    assert "髙﨑" not in page


def test_a_recovery_code_opens_the_session_under_another_id_and_leads_where_the_person_was_going(
    platform: Platform, half: Browser, codes: list[str]
) -> None:
    before, fixed = cookie(half), token(half.client)
    answer = half.post(f"{PAGE}/recovery", PAGE, {"code": codes[0], "next": "/partners"})
    assert (answer.status_code, answer.location) == (303, "/partners")
    assert half.get("/partners").status_code == 200
    assert token(half.client) != fixed
    with platform.reading() as work:
        assert sessions.account_of_session(work, fixed) is None
    half.client.set_cookie("__Host-cectrust", before, domain="localhost", secure=True)
    assert half.get("/partners").location.startswith("/sign-in")


def test_a_wrong_recovery_code_is_refused_and_counted(half: Browser, codes: list[str]) -> None:
    answers = [half.post(f"{PAGE}/recovery", PAGE, {"code": "0" * 16}) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {401}
    assert "この復旧コードは使えません" in answers[0].text
    assert half.post(f"{PAGE}/recovery", PAGE, {"code": codes[0]}).status_code == 401


def test_the_second_factor_leads_to_no_other_host(half: Browser, codes: list[str]) -> None:
    answer = half.post(f"{PAGE}/recovery", PAGE, {"code": codes[0], "next": "//evil.example"})
    assert answer.location == "/"


def test_whoever_leaves_half_way_is_out(half: Browser) -> None:
    assert half.post("/sign-out", PAGE).location == "/sign-in"
    assert half.get("/").location.startswith("/sign-in?")


def test_half_a_session_is_over_after_ten_minutes(half: Browser, clock: ChosenClock) -> None:
    clock.advance(seconds=601)
    assert half.get(PAGE).location.startswith("/sign-in?next=")


def test_no_message_of_the_log_in_is_taken_without_the_token_of_its_page(half: Browser) -> None:
    for path in ("connections", f"connections/{ABSENT}/hello", "challenges", f"challenges/{ABSENT}/result"):
        answer = half.client.post(f"/authentication/{path}", base_url=BASE, json={})
        assert (path, answer.status_code) == (path, 400)


def test_what_is_no_object_is_refused(half: Browser) -> None:
    assert half.post_json("/authentication/challenges", PAGE, ["x"]).status_code == 422
