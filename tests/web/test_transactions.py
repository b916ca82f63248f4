"""One request is one transaction: committed before the answer leaves, undone with any error."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from cectrust.identity import service
from cectrust.identity.tables import companies
from cectrust.platform import Platform
from cectrust.sdk.errors import Conflict, InputRefused
from cectrust.web.application import Application
from cectrust.web.guards import public
from cectrust.web.request import Attempt, work
from tests.web.support import BASE, BOTH_ENGINES, Browser

pytestmark = BOTH_ENGINES


@pytest.fixture
def writing(app: Application) -> Browser:
    @app.post("/write/<how>")
    @public
    def write(how: str) -> str:
        if how == "shown":
            with Attempt() as attempt:
                service.create_company(service.SYSTEM, work(), "甲")
                raise InputRefused("a", "b", "c")
            return f"refused {attempt.refusal}"
        service.create_company(service.SYSTEM, work(), "甲")
        if how == "attempted":
            with Attempt():
                service.create_company(service.SYSTEM, work(), "乙")
        if how == "refused":
            raise Conflict("a", "b", "c")
        if how == "broken":
            raise RuntimeError
        return "done"

    @app.get("/read")
    @public
    def read() -> str:
        return str(work().session.scalar(select(func.count()).select_from(companies)))

    return Browser(app.test_client())


@pytest.mark.parametrize(
    ("how", "status", "kept"),
    [("plain", 200, 1), ("attempted", 200, 2), ("shown", 200, 0), ("refused", 409, 0), ("broken", 500, 0)],
)
def test_what_a_view_wrote_is_kept_exactly_if_it_succeeded(
    writing: Browser, platform: Platform, how: str, status: int, kept: int
) -> None:
    assert writing.post(f"/write/{how}", "/sign-in").status_code == status
    assert writing.get("/read").text == str(kept)
    with platform.reading() as unit:
        assert unit.session.scalar(select(func.count()).select_from(companies)) == kept


def test_a_failing_commit_is_an_error_of_its_own_request(app: Application, platform: Platform) -> None:
    @app.post("/half")
    @public
    def half() -> str:
        service.create_company(service.SYSTEM, work(), "甲")
        work().session.connection().close()
        return "done"

    assert Browser(app.test_client()).post("/half", "/sign-in").status_code == 500


def test_reading_takes_no_write_lock(app: Application, platform: Platform) -> None:
    @app.get("/read")
    @public
    def read() -> str:
        return str(work().session.scalar(select(func.count()).select_from(companies)))

    with platform.work() as unit:
        service.create_company(service.SYSTEM, unit, "甲")
        assert app.test_client().get("/read", base_url=BASE).text == "0"
