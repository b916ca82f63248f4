"""The application with what belongs to somebody, in browsers of those who may reach it and of those who may not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from werkzeug.routing import Rule

from cectrust.app import create_app
from cectrust.clock import SystemClock
from cectrust.database import metadata
from cectrust.identity import service as identity
from cectrust.identity import sessions, sign_in
from cectrust.identity.model import Account, NewAccount, Role
from cectrust.platform import Platform
from cectrust.sdk.protocols import ActorKind
from cectrust.web.application import Application
from cectrust.web.rates import limiter
from tests.e2e.stage import PARTNER, SENDER, example_contract
from tests.support import platforms
from tests.support.partner_ca import make_partner
from tests.web.conftest import MORE, PASSWORD
from tests.web.foreign import belongings
from tests.web.support import BASE, Browser

NOBODY, USER, COMPANY, STAFF = "nobody", "user", "company", "staff"
OWNER, OWN_COMPANY, RECIPIENT = "owner", "own_company", "recipient"
COLLEAGUE, AUDITOR = "colleague", "auditor"
DESKS = ("購買部", "経理部", "監査室")
ABSENT = "f" * 32
MESSAGE = {"connection": ABSENT, "certificate": "AAAA", "result": {}}
OTHER_VALUES = {"filename": "seal.svg", "answer": "give", "operation": "sign", "ordinal": "0"}


@dataclass(frozen=True)
class World:
    """The application, the ids of what belongs to the owner, and a browser of each person."""

    app: Application
    theirs: dict[str, str]
    logins: dict[str, str]
    browsers: dict[str, Browser]
    file: Path
    """Of the database."""

    def path(self, route: str, found: Mapping[str, str]) -> str:
        """The route's address with these ids; with ids of nothing where there are none."""
        rule = routes(self.app)[route]
        values = {name: found.get(name, OTHER_VALUES.get(name, ABSENT)) for name in rule.arguments}
        return self.app.url_map.bind("localhost").build(rule.endpoint, values)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever is done to the database inside, nothing of it is left."""
        with closing(sqlite3.connect(":memory:")) as kept, closing(sqlite3.connect(self.file)) as live:
            live.backup(kept)
            try:
                yield
            finally:
                kept.backup(live)
                with self.app.app_context():
                    limiter.reset()


def routes(app: Application) -> dict[str, Rule]:
    rules = app.url_map.iter_rules()
    return {f"{m} {rule.endpoint}": rule for rule in rules for m in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


@contextmanager
def made_in(folder: Path) -> Iterator[World]:
    more = f'{MORE}[plugins.partner_toml]\nfiles = ["{make_partner(folder).description}"]\n'
    file = folder / "cectrust.db"
    platform = platforms.platform(folder, f"sqlite:///{file}", clock=SystemClock(), more=more)
    metadata.create_all(platform.database.engine)
    app = create_app(platform)
    people = _people(platform)
    browsers = {NOBODY: Browser(app.test_client())}
    for name, account in people.items():
        browsers[name] = Browser(app.test_client())
        browsers[name].sign_in(account.login_id, PASSWORD)
    owner = replace(people[OWNER].actor, session=_session(browsers[OWNER]))
    theirs = belongings(platform, owner, example_contract(platform, people[OWNER], people[RECIPIENT]))
    yield World(app, theirs, {name: account.login_id for name, account in people.items()}, browsers, file)
    with app.app_context():
        limiter.reset()
    platform.close()


def _people(platform: Platform) -> dict[str, Account]:
    """Three outsiders by their kind; the owner and those who have to do with him: the ID of his company, whom his
    contract is for, a colleague at another desk, staff with the auditor's role."""
    with platform.work() as work:
        names = ("無関係な株式会社", SENDER, PARTNER)
        foreign, own, partner = (identity.create_company(identity.SYSTEM, work, name).id for name in names)
    return {
        USER: _open(platform, foreign, ActorKind.USER),
        COMPANY: _open(platform, foreign, ActorKind.COMPANY),
        STAFF: _open(platform, None, ActorKind.STAFF),
        OWNER: _open(platform, own, ActorKind.USER),
        OWN_COMPANY: _open(platform, own, ActorKind.COMPANY),
        RECIPIENT: _open(platform, partner, ActorKind.USER),
        COLLEAGUE: _open(platform, own, ActorKind.USER, "経理部"),
        AUDITOR: _open(platform, None, ActorKind.STAFF, "監査室", frozenset({Role.AUDITOR})),
    }


def _open(
    platform: Platform,
    company: str | None,
    kind: ActorKind,
    department: str = "購買部",
    roles: frozenset[Role] = frozenset(),
) -> Account:
    login_id = f"{kind.value}-{(company or 'x')[-4:]}-{DESKS.index(department)}"
    new = NewAccount(login_id, kind, company, department, "髙﨑 𠮷乃", "y@example.jp", roles)
    with platform.work() as work:
        opened = identity.create_account(identity.SYSTEM, work, new)
        return sign_in.change_password(opened.account.actor, work, opened.initial_password, PASSWORD).account


def _session(browser: Browser) -> str:
    with browser.client.session_transaction(base_url=BASE) as cookie:
        return sessions.digest(cookie["_user_id"])
