"""A platform, on SQLite unless a test asks for both engines, the application on it, and people of two companies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cectrust.app import create_app
from cectrust.database import metadata
from cectrust.identity import service, sign_in
from cectrust.identity.model import NewAccount, Role
from cectrust.platform import Platform
from cectrust.sdk.protocols import ActorKind
from cectrust.web.application import Application
from cectrust.web.rates import limiter
from tests.conftest import ChosenClock
from tests.support import platforms, postgres
from tests.web.support import Browser

MORE = '[storage]\nstore = "file_store"\n'
PASSWORD = "つくえの上の 古い定規 三本"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in, and the account behind it."""

    login_id: str
    password: str
    account_id: str
    company_id: str | None


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def platform(request: pytest.FixtureRequest, engine: str, tmp_path: Path, clock: ChosenClock) -> Iterator[Platform]:
    socket = request.getfixturevalue("postgres_socket") if engine == "postgresql" else ""
    with postgres.database_of(engine, tmp_path, socket) as url:
        opened = platforms.platform(tmp_path, url, clock=clock, more=MORE)
        metadata.create_all(opened.database.engine)
        yield opened
        opened.close()


@pytest.fixture
def app(platform: Platform) -> Iterator[Application]:
    made = create_app(platform)
    yield made
    with made.app_context():
        limiter.reset()


@pytest.fixture
def client(app: Application) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    return Browser(client)


@pytest.fixture
def new_person(platform: Platform) -> Callable[..., Person]:
    """Opens accounts; the initial password still has to be changed."""

    def open_account(
        login_id: str,
        kind: ActorKind = ActorKind.USER,
        company_id: str | None = None,
        roles: frozenset[Role] = frozenset(),
    ) -> Person:
        with platform.work() as work:
            if kind is not ActorKind.STAFF and company_id is None:
                name = "株式会社山田太郎建設工業北海道東北支店営業第一部"
                company_id = service.create_company(service.SYSTEM, work, name).id
            new = NewAccount(login_id, kind, company_id, "購買部", "髙﨑 𠮷乃", f"{login_id}@example.jp", roles)
            opened = service.create_account(service.SYSTEM, work, new)
        return Person(login_id, opened.initial_password, opened.account.id, company_id)

    return open_account


@pytest.fixture
def user(new_person: Callable[..., Person]) -> Person:
    return new_person("yoshino")


@pytest.fixture
def signed_in(platform: Platform, browser: Browser, user: Person) -> Browser:
    """The user's browser, once he has changed his password and signed in."""
    with platform.work() as work:
        sign_in.change_password(service.account(work, user.account_id).actor, work, user.password, PASSWORD)
    browser.sign_in(user.login_id, PASSWORD)
    return browser
