"""A dangerous act in the browser: refused, confirmed, and then done as it was begun."""

from __future__ import annotations

import re
from html import unescape

import pytest

from cectrust.certificates.tables import bindings
from cectrust.identity import service, sign_in
from cectrust.journal.store import about
from cectrust.platform import Platform
from cectrust.signing import bridges
from cectrust.web.application import Application
from tests.conftest import ChosenClock
from tests.web.conftest import PASSWORD, Person
from tests.web.support import BASE, Browser

COMPUTER = "b" * 43
FORM = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def signed_in(platform: Platform, browser: Browser, user: Person) -> Browser:
    """A browser of a user with one computer; he changed his password and never used a certificate."""
    with platform.work() as work:
        sign_in.change_password(service.account(work, user.account_id).actor, work, user.password, PASSWORD)
        bridges.register(service.SYSTEM, work, user.login_id, COMPUTER, {})
    browser.sign_in(user.login_id, PASSWORD)
    return browser


def computers(platform: Platform, user: Person) -> int:
    with platform.reading() as work:
        return len(bridges.listing(service.account(work, user.account_id).actor, work))


def confirmation(page: str) -> str:
    found = re.search(r"/confirmations/([0-9a-f]{32})/password", page)
    assert found
    return f"/confirmations/{found[1]}/password"


def press(browser: Browser, page: str, **more: str) -> str:
    """Fill in the form on a page that asks for the password."""
    fields = {name: unescape(value) for name, value in FORM.findall(page[page.index("/confirmations/") :])}
    data = {**fields, "password": PASSWORD, **more}
    return browser.client.post(confirmation(page), base_url=BASE, data=data).text


def test_the_removal_of_a_computer_goes_on_once_the_password_was_given(
    platform: Platform, signed_in: Browser, user: Person
) -> None:
    path = f"/bridges/{COMPUTER}/removal"
    refused = signed_in.post(path, path)
    assert refused.status_code == 403
    assert "署名に使うパソコンの登録を解除する" in refused.text
    assert computers(platform, user) == 1
    page = press(signed_in, refused.text)
    assert f'<form method="post" action="{path}">' in page
    assert signed_in.client.post(path, base_url=BASE, data=dict(FORM.findall(page))).location == "/bridges"
    assert computers(platform, user) == 0


@pytest.fixture
def certificate(platform: Platform, user: Person) -> str:
    """The path on which the user removes the certificate that is bound to him."""
    digests = dict.fromkeys(("issuer_sha256", "key_sha256", "certificate_sha256"), "d" * 64)
    facts = {"kind": "k", "serial": "1", "certificate": b"", "holder": "髙﨑 𠮷乃", "bound_at": 0, **digests}
    row = {"id": "c" * 32, "account_id": user.account_id, "not_before": 0, "not_after": 2**52, **facts}
    with platform.work() as work:
        work.session.execute(bindings.insert().values(**row))
    return f"/account/certificates/{'c' * 32}/removal"


def test_the_removal_of_a_certificate_says_why_and_goes_on_once_the_password_was_given(
    platform: Platform, signed_in: Browser, user: Person, certificate: str
) -> None:
    assert f'href="{certificate}"' in signed_in.get("/account/second-factor").text
    assert signed_in.post(certificate, certificate).status_code == 422
    refused = signed_in.post(certificate, certificate, {"reason": "lost"})
    assert refused.status_code == 403
    assert "電子証明書の登録を解除する<br>髙﨑 𠮷乃" in refused.text
    data = dict(FORM.findall(press(signed_in, refused.text)))
    assert data["reason"] == "lost"
    assert signed_in.client.post(certificate, base_url=BASE, data=data).location == "/account/second-factor"
    assert certificate not in signed_in.get("/account/second-factor").text
    with platform.reading() as work:
        (told,) = [act for act in about(work.session, user.account_id) if act.act == "certificate.unbound"]
    assert (told.detail["reason"], told.actor_id) == ("紛失・盗難", user.account_id)
    assert signed_in.get(certificate).status_code == 404


def test_who_removes_his_last_certificate_is_told_what_he_will_need(
    platform: Platform, signed_in: Browser, user: Person, certificate: str
) -> None:
    assert "復旧コードが必要です" not in signed_in.get(certificate).text
    with platform.work() as work:
        service.set_second_factor(work, user.account_id, on=True)
    assert "復旧コードが必要です（残り 0 個）" in signed_in.get(certificate).text


def test_what_was_typed_comes_back_and_a_password_never_does(signed_in: Browser) -> None:
    refused = signed_in.post("/bridges/codes", "/bridges", {"new_password": "secret words"}).text
    assert "secret words" not in refused
    assert 'name="is_post" value=""' in refused
    typed = {"memo": '髙﨑 "𠮷乃" <b>', "memo2": "二行\nある"}
    page = press(signed_in, signed_in.post("/bridges/codes", "/bridges", typed).text)
    assert 'name="memo" value="髙﨑 &#34;𠮷乃&#34; &lt;b&gt;"' in page
    assert 'name="memo2" value="二行\nある"' in page


def test_a_wrong_password_confirms_nothing_is_counted_and_loses_nothing(
    platform: Platform, signed_in: Browser, user: Person
) -> None:
    page = signed_in.post(f"/bridges/{COMPUTER}/removal", "/bridges").text
    for _ in range(5):
        page = press(signed_in, page, password="wrong")
    assert "までログインできません" in page
    assert f'name="path" value="/bridges/{COMPUTER}/removal"' in page
    assert "までログインできません" in press(signed_in, page)
    assert computers(platform, user) == 1


def test_the_session_has_another_id_after_it_and_forms_in_other_tabs_stay_good(signed_in: Browser) -> None:
    other_tab = dict(FORM.findall(signed_in.get("/bridges").text))
    with signed_in.client.session_transaction(base_url=BASE) as session:
        before = session["_user_id"]
    page = press(signed_in, signed_in.post("/bridges/codes", "/bridges").text)
    assert "株式会社山田太郎建設工業北海道東北支店営業第一部" in page  # it still says whose page this is
    with signed_in.client.session_transaction(base_url=BASE) as session:
        assert session["_user_id"] != before
    assert signed_in.client.post("/bridges/codes", base_url=BASE, data=other_tab).status_code == 201


def test_a_confirmation_needs_the_token_of_a_form_and_its_own_session(
    app: Application, signed_in: Browser, user: Person
) -> None:
    page = signed_in.post("/bridges/codes", "/bridges").text
    forged = signed_in.client.post(confirmation(page), base_url=BASE, data={"password": PASSWORD})
    assert forged.status_code == 400
    elsewhere = Browser(app.test_client())
    elsewhere.sign_in(user.login_id, PASSWORD)
    assert elsewhere.post(confirmation(page), "/bridges", {"password": PASSWORD}).status_code == 404


def test_five_minutes_later_it_is_asked_again(signed_in: Browser, clock: ChosenClock) -> None:
    press(signed_in, signed_in.post("/bridges/codes", "/bridges").text)
    assert signed_in.post("/bridges/codes", "/bridges").status_code == 201
    clock.advance(seconds=301)
    assert signed_in.post("/bridges/codes", "/bridges").status_code == 403


def test_whom_the_certificate_protects_no_password_confirms(
    platform: Platform, signed_in: Browser, user: Person
) -> None:
    with platform.work() as work:
        service.set_second_factor(work, user.account_id, on=True)
    refused = signed_in.post("/bridges/codes", "/bridges").text
    assert 'name="password"' not in refused
    found = re.search(r"/confirmations/([0-9a-f]{32})/recovery", refused)
    assert found
    answer = signed_in.post(f"/confirmations/{found[1]}/password", "/bridges", {"password": PASSWORD})
    assert answer.status_code == 404


def test_whom_the_certificate_protects_is_asked_before_he_types_a_new_password(
    platform: Platform, signed_in: Browser, user: Person
) -> None:
    with platform.work() as work:
        service.set_second_factor(work, user.account_id, on=True)
    page = signed_in.get("/password")
    assert page.status_code == 403
    assert '<a class="button" id="continue" href="/password">' in page.text


def test_a_script_is_told_that_a_confirmation_is_needed(signed_in: Browser) -> None:
    answer = signed_in.post_json("/bridges/codes", "/bridges", {})
    assert (answer.status_code, answer.json and answer.json["code"]) == (403, "step_up_needed")
