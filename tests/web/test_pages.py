"""Every page renders for everybody who may open it, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cectrust.sdk.protocols import ActorKind
from tests.web.conftest import PASSWORD, Person
from tests.web.support import Browser

PAGES = ("/", "/contracts", "/contracts/new", "/consents", "/partners", "/verify", "/password", "/help/bridge")


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
