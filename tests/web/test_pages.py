"""Every page renders for everybody who may open it, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cectrust.sdk.protocols import ActorKind
from cectrust.web.application import Application
from tests.web.conftest import PASSWORD, Person
from tests.web.support import Browser

PAGES = (
    *("/", "/contracts", "/contracts/new", "/consents", "/partners", "/verify", "/password", "/help/bridge"),
    *("/bridges", "/account/second-factor"),
)
NO_PAGES = {
    *("/healthz", "/log/checkpoint", "/log/key", "/.well-known/cectrust-bridge"),
    *("/sign-in", "/sign-in/second-factor", "/help/pc-setup"),
}
"""For programs, for whoever is not signed in yet, and an address that moved."""


def test_every_address_of_a_page_is_among_them(app: Application) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
    assert {rule.rule for rule in rules} == {*PAGES, *NO_PAGES}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", [ActorKind.USER, ActorKind.COMPANY])
def test_every_page_opens(browser: Browser, new_person: Callable[..., Person], kind: ActorKind, language: str) -> None:
    person = new_person("yoshino", kind)
    browser.sign_in(person.login_id, person.password)
    browser.change_password(person.password, PASSWORD)
    browser.post("/language", "/password", {"language": language, "next": "/"})
    for path in PAGES:
        if path == "/contracts/new" and kind is ActorKind.COMPANY:
            continue
        answer = browser.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert f'<html lang="{language}">' in answer.text
        assert "髙﨑 𠮷乃" in answer.text
