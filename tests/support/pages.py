"""Browsers of people of a ``House``: their passwords are given anew, since nobody knows the first ones."""

from __future__ import annotations

from cectrust.app import create_app
from cectrust.identity import service as identity
from cectrust.identity import sign_in
from tests.support.house import House
from tests.web.support import Browser

PASSWORD = "つくえの上の 古い定規 三本"


def browser_of(home: House, login_id: str) -> Browser:
    """A browser in which this person is signed in, at an application of its own over the house's platform."""
    with home.platform.work() as work:
        opened = identity.reset_password(identity.SYSTEM, work, login_id)
        sign_in.change_password(opened.account.actor, work, opened.initial_password, PASSWORD)
    browser = Browser(create_app(home.platform).test_client())
    assert browser.sign_in(login_id, PASSWORD).status_code == 303
    return browser
