"""Signing in through the pages: forced change, cookies, idle ends, and what a guesser is told."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cectrust.identity.model import SECOND, SEEN_EVERY
from cectrust.identity.tables import sign_in_failures
from cectrust.platform import Platform
from tests.conftest import ChosenClock
from tests.web.conftest import PASSWORD, Person
from tests.web.support import BASE, BOTH_ENGINES, Browser

pytestmark = BOTH_ENGINES


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("__Host-cectrust", domain="localhost")
    assert found
    return found.value


def test_nobody_sees_anything_without_signing_in(browser: Browser) -> None:
    answer = browser.get("/password?a=b")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/password?a%3Db")


def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(browser: Browser) -> None:
    header = browser.get("/sign-in").headers["Set-Cookie"]
    assert header.startswith("__Host-cectrust=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(header.split("; "))
    assert "Domain" not in header


def test_the_initial_password_must_be_changed_before_anything_else(browser: Browser, user: Person) -> None:
    assert browser.sign_in(user.login_id, user.password).location == "/"
    assert browser.get("/help/bridge").status_code == 200
    answer = browser.get("/")
    assert (answer.status_code, answer.location) == (303, "/password")
    page = browser.get("/password").text
    assert "はじめてのログインです" in page
    assert "/contracts" not in page
    assert browser.change_password(user.password, PASSWORD).location == "/"
    assert "はじめてのログインです" not in browser.get("/password").text


def test_the_session_is_another_one_after_signing_in_and_after_the_change(browser: Browser, user: Person) -> None:
    browser.get("/sign-in")
    before = cookie(browser)
    browser.sign_in(user.login_id, user.password)
    signed_in = cookie(browser)
    browser.change_password(user.password, PASSWORD)
    assert len({before, signed_in, cookie(browser)}) == 3


def test_other_sessions_end_when_the_password_changes(browser: Browser, user: Person, app: object) -> None:
    elsewhere = Browser(browser.client.application.test_client())
    elsewhere.sign_in(user.login_id, user.password)
    browser.sign_in(user.login_id, user.password)
    browser.change_password(user.password, PASSWORD)
    assert elsewhere.get("/password").location.startswith("/sign-in")
    assert browser.get("/password").status_code == 200


def test_a_stolen_cookie_is_worth_nothing_after_signing_out(browser: Browser, user: Person) -> None:
    browser.sign_in(user.login_id, user.password)
    stolen = cookie(browser)
    browser.post("/sign-out", "/password")
    browser.client.set_cookie("__Host-cectrust", stolen, domain="localhost", secure=True)
    assert browser.get("/password").location.startswith("/sign-in")


def test_an_idle_session_is_told_so_and_returns_to_its_page(browser: Browser, user: Person, clock: ChosenClock) -> None:
    browser.sign_in(user.login_id, user.password)
    clock.advance(seconds=29 * 60)
    assert browser.get("/password").status_code == 200
    clock.advance(seconds=29 * 60)
    assert browser.get("/password").status_code == 200
    clock.advance(seconds=31 * 60)
    assert browser.get("/password").location == "/sign-in?next=/password?"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_host(browser: Browser, user: Person, target: str) -> None:
    assert browser.sign_in(user.login_id, user.password, next=target).location == "/"


def test_a_wrong_password_and_an_unknown_id_look_alike(browser: Browser, user: Person) -> None:
    pages = [browser.sign_in(login_id, "wrong") for login_id in (user.login_id, "nobody!")]
    assert [page.status_code for page in pages] == [401, 401]
    alerts = [re.search(r'role="alert".*?</div>', page.text, re.DOTALL) for page in pages]
    assert alerts[0]
    assert alerts[1]
    assert alerts[0][0] == alerts[1][0]


def test_wrong_passwords_are_counted_although_the_answer_is_a_refusal(browser: Browser, user: Person) -> None:
    for _ in range(5):
        browser.sign_in(user.login_id, "wrong")
    answer = browser.sign_in(user.login_id, user.password)
    assert answer.status_code == 401
    assert "までログインできません" in answer.text


def test_a_wrong_password_typed_beside_an_idle_session_is_answered_and_counted(
    browser: Browser, user: Person, clock: ChosenClock, platform: Platform
) -> None:
    browser.sign_in(user.login_id, user.password)
    token = browser.form_token("/password")
    clock.advance(seconds=SEEN_EVERY / SECOND + 1)
    typed = {"csrf_token": token, "login_id": user.login_id, "password": "wrong"}
    assert browser.client.post("/sign-in", base_url=BASE, data=typed).status_code == 401
    with platform.reading() as work:
        assert work.session.scalars(select(sign_in_failures.c.failures)).all() == [1]


def test_one_address_may_not_try_for_ever(browser: Browser) -> None:
    codes = {browser.sign_in(f"guess{n}", "wrong").status_code for n in range(40)}
    assert codes == {401, 429}


def test_a_stolen_session_guesses_no_password_where_it_is_changed(browser: Browser, user: Person) -> None:
    browser.sign_in(user.login_id, user.password)
    answers = [browser.change_password("wrong", PASSWORD) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert 'id="current_password-wrong"' in answers[0].text
    assert "までログインできません" in answers[-1].text
    assert browser.change_password(user.password, PASSWORD).status_code == 401


def test_one_address_may_not_change_passwords_for_ever(browser: Browser, user: Person) -> None:
    browser.sign_in(user.login_id, user.password)
    codes = {browser.change_password("wrong", PASSWORD).status_code for _ in range(32)}
    assert codes == {401, 429}


def test_two_different_new_passwords_are_refused_at_their_field(browser: Browser, user: Person) -> None:
    browser.sign_in(user.login_id, user.password)
    answer = browser.change_password(user.password, PASSWORD, "another one entirely")
    assert answer.status_code == 422
    assert 'aria-describedby=" new_password_again-wrong"' in answer.text


def test_a_password_is_never_shown_again(browser: Browser, user: Person) -> None:
    assert "correct-horse" not in browser.sign_in(user.login_id, "correct-horse").text


def test_the_page_answers_in_english_once_chosen(client: FlaskClient, browser: Browser) -> None:
    answer = browser.post("/language", "/sign-in", {"language": "en", "next": "/sign-in"})
    assert answer.location == "/sign-in"
    assert '<html lang="en">' in client.get("/sign-in", base_url=BASE).text
