"""A company with one user ID."""

from __future__ import annotations

import pytest

from cectrust.database import Database
from cectrust.identity import service
from cectrust.identity.model import NewAccount, OpenedAccount
from cectrust.sdk.protocols import ActorKind
from tests.conftest import ChosenClock
from tests.support.works import work_on


@pytest.fixture
def opened(database: Database, clock: ChosenClock) -> OpenedAccount:
    with work_on(database, clock) as work:
        company = service.create_company(service.SYSTEM, work, "株式会社山田太郎建設工業北海道東北支店営業第一部")
        new = NewAccount("Yamada-01", ActorKind.USER, company.id, "営業第一部", "髙﨑 𠮷乃", "yoshino@example.jp")
        return service.create_account(service.SYSTEM, work, new)
