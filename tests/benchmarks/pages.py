"""Server time of every page that a signed-in user of the composed house can open."""

from __future__ import annotations

import re
from statistics import median

from cectrust.app import create_app
from cectrust.contracts import service as contracts
from cectrust.identity import passwords
from cectrust.identity import store as accounts
from tests.support.house import House
from tests.web.support import Browser

PASSWORD = "つくえの上の 古い定規 三本"
ROUNDS = 7


def pages(opened: House, concluded: str) -> dict[str, float]:
    """Median milliseconds by path, the identifiers in them named."""
    platform = opened.platform
    with platform.work() as work:
        accounts.set_password(work.session, opened.sender.actor.id, passwords.hashed(PASSWORD), must_change=False)
    draft = opened.register().id
    consent = _consent(opened)
    browser = Browser(create_app(platform).test_client())
    found = {"/sign-in": _timed(browser, "/sign-in")}
    browser.sign_in(opened.sender.login_id, PASSWORD)
    for path in _paths(concluded, draft, consent):
        named = path.replace(concluded, "<concluded>").replace(draft, "<draft>").replace(consent, "<id>")
        found[named] = _timed(browser, path)
    return found


def _paths(concluded: str, draft: str, consent: str) -> list[str]:
    at = f"/contracts/{concluded}"
    return [
        *("/", "/contracts", "/contracts?q=外壁", "/contracts/new", "/partners", "/consents", "/verify"),
        *("/password", "/help/bridge", f"/consents/{consent}", f"/contracts/{draft}", f"/contracts/{draft}/sign"),
        *(at, f"{at}/document.pdf", f"{at}/receipt.json", f"{at}/receipt.pdf"),
    ]


def _consent(opened: House) -> str:
    contract = opened.register()
    opened.consent(contract)
    with opened.platform.reading() as work:
        found = contracts.consent_for(work, contract)
    assert found is not None
    return found.id


def _timed(browser: Browser, path: str) -> float:
    times = []
    for _ in range(ROUNDS):
        answer = browser.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:400]}"
        found = re.search(r"app;dur=([0-9.]+)", answer.headers["Server-Timing"])
        assert found is not None
        times.append(float(found[1]))
    return median(times)
