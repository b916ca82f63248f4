"""対応環境: the help page names what was tried, with the day, in the page's language."""

from __future__ import annotations

import datetime as dt

import pytest
from cectrust_bridge.doctor import supported

from cectrust.web.environments import Support, environments
from tests.web.support import Browser


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_help_page_names_every_environment_with_its_day(browser: Browser, language: str) -> None:
    browser.post("/language", "/sign-in", {"language": language, "next": "/"})
    page = browser.get("/help/bridge").text
    section = page[page.index('id="environments"') :]
    assert all(getattr(each, language) in section for each in environments().known)
    assert {"ja": "2026年11月23日（月） 現在", "en": "As of Mon 23 Nov 2026"}[language] in section


def test_what_is_called_tested_is_what_our_tests_run_on() -> None:
    """The names of Debian's packages of both browsers, with the versions of that day."""
    assert environments().as_of == dt.date(2026, 11, 23)
    assert [each.en for each in environments().of(Support.TESTED.value)] == [
        "Chromium 156 (Debian 12)",
        "Firefox ESR 153 (Debian 12)",
    ]


def test_the_bridge_calls_the_same_browsers_old() -> None:
    assert environments().oldest == supported.BROWSERS
    assert environments().as_of == supported.AS_OF
