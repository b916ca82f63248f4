"""Whose address is counted behind reverse proxies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import flask
import pytest

from cectrust.app import create_app
from cectrust.platform import Platform
from cectrust.web.application import Application
from cectrust.web.guards import public
from cectrust.web.rates import limiter
from tests.web.support import BASE, Browser

PEER = "127.0.0.1"
Behind = Callable[[int], Application]


@pytest.fixture
def behind(platform: Platform) -> Iterator[Behind]:
    """The application behind so many proxies; ``/address`` says whom it takes the client for."""
    made = []

    def app(proxies: int) -> Application:
        server = platform.settings.server.model_copy(update={"trusted_proxies": proxies})
        settings = platform.settings.model_copy(update={"server": server})
        made.append(create_app(replace(platform, settings=settings)))
        made[-1].add_url_rule("/address", "address", public(lambda: str(flask.request.remote_addr)))
        return made[-1]

    yield app
    for each in made:
        with each.app_context():
            limiter.reset()


def address(app: Application, forwarded: str, **headers: str) -> str:
    return app.test_client().get("/address", base_url=BASE, headers={"X-Forwarded-For": forwarded, **headers}).text


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "203.0.113.7", PEER),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (2, "198.51.100.1, 203.0.113.7, 192.0.2.1", "203.0.113.7"),
        (2, "203.0.113.7", PEER),
        (1, "", PEER),
        (1, "unknown", PEER),
        (1, "203.0.113.7:4711", PEER),
        (1, "203.0.113.7, <script>", PEER),
        (1, '203.0.113.7, "', PEER),
    ],
)
def test_as_many_entries_from_the_end_are_believed_as_there_are_proxies(
    behind: Behind, proxies: int, forwarded: str, seen: str
) -> None:
    assert address(behind(proxies), forwarded) == seen


@pytest.mark.parametrize("proxies", [0, 1])
def test_of_the_other_headers_nothing_is_believed(behind: Behind, proxies: int) -> None:
    app = behind(proxies)
    app.add_url_rule("/url", "url", public(lambda: flask.request.url))
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "1"}
    forged["X-Forwarded-Prefix"] = "/x"
    assert app.test_client().get("/url", base_url=BASE, headers=forged).text == f"{BASE}/url"


def test_one_stranger_does_not_lock_the_log_in_for_everybody_behind_a_proxy(behind: Behind) -> None:
    client = behind(1).test_client()

    def status(forwarded: str) -> int:
        browser = Browser(client)
        client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
        return browser.sign_in("nobody", "wrong").status_code

    codes = [status(f"192.0.2.{n}, 203.0.113.7") for n in range(31)]
    assert codes == [401] * 30 + [429]
    assert status("203.0.113.8") == 401
