"""Every page in English, of every route, with real objects: Japanese is left in names and in what people wrote only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from cectrust.app import create_app
from cectrust.contracts.service.consent import FORMAT, MEANS
from cectrust.contracts.tables import documents
from cectrust.pades.findings import WARNINGS
from cectrust.platform import Platform
from cectrust.sdk.protocols import Instant
from cectrust.signing import bridges
from cectrust.web.application import Application
from cectrust.web.languages import LANGUAGES
from cectrust.web.rates import limiter
from tests.e2e import stage as scene
from tests.e2e.stage import BINDING, COMPUTER, PARTNER, PASSWORD, SENDER, Stage
from tests.support.proof import confirmed
from tests.web.support import BASE, Browser
from tests.web.test_languages import JAPANESE
from tests.web.test_matrix import MATRIX

NO_PAGES = {
    "static",
    "web.alive",
    "web.pc_setup",  # another address of the help page
    "web.policy_file",
    "contracts.document",
    "receipts.data",
    "receipts.sheet",  # a print, in Japanese
    "archive.checkpoint",
    "archive.tile",
    "archive.key",
    "authentication_messages.order",  # what scripts carry to the bridge
    "signing.order_listing",
    "signing.order_signature",
    "signing.prepared_document",
    "bridges.description",
}
SIGNED_IN = ("sender", "recipient", "company")
OTHERS = {"authentication.second_factor": "careful", "identity.sign_in": "nobody"}
PAGES = sorted({route.split()[1] for route in MATRIX if route.startswith("GET ")} - NO_PAGES)
TITLE = "北海道東北支店管内 第三ビル外壁改修工事（第2回変更）請負契約書"
WRITTEN = (
    SENDER,
    PARTNER,
    TITLE,
    MEANS,
    FORMAT,
    "合同会社みなと内装",
    "建設 花子",
    "工務 太郎",
    "外壁改修工事請負契約書.pdf",
    *LANGUAGES.values(),
)
REASON = "第3条の工期が、お打ち合わせの内容と異なります。"
BRAND = '<span class="mark" aria-hidden="true">締</span>'


@dataclass(frozen=True)
class World:
    platform: Platform
    stage: Stage
    app: Application
    browsers: dict[str, Browser]
    code_id: str

    def paths(self, endpoint: str) -> list[str]:
        """The route's addresses with every object that the stage has for it."""
        values = {
            "contract_id": [i for name, i in self.stage.contracts.items() if name != "batch"],
            "consent_id": [self.stage.consent],
            "batch_id": [self.stage.contracts["batch"]],
            "bridge_id": [COMPUTER],
            "code_id": [self.code_id],
            "binding_id": [BINDING],
        }
        rule = next(self.app.url_map.iter_rules(endpoint))
        names = sorted(rule.arguments)
        assert len(names) <= 1
        build = self.app.url_map.bind("localhost").build
        return [build(endpoint, {names[0]: value}) for value in values[names[0]]] if names else [build(endpoint)]

    def left(self, text: str) -> list[str]:
        """Whatever is Japanese and nobody's name or writing."""
        people = [part for a in self.stage.people.values() for part in (a.person, a.department)]
        operator = self.platform.settings.operator
        desk = operator.help_desk
        words = [*WRITTEN, REASON, BRAND, *people, operator.name, operator.department, operator.accreditation_label]
        words += [desk.name, desk.hours, *[b.name for b in scene.computers("", Instant(0))]]
        for word in sorted(filter(None, words), key=len, reverse=True):
            text = text.replace(word, "")
        return [found[0] for found in re.finditer(rf".{{0,30}}{JAPANESE.pattern}.{{0,60}}", text)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with scene.furnished(tmp_path_factory.mktemp("english"), BASE) as (platform, stage):
        with platform.work() as work:
            work.session.execute(update(documents).values(warnings=json.dumps(list(WARNINGS))))
            sender = stage.people["sender"].actor
            code = bridges.make_code(confirmed(work, sender, "bridge.code_made"), work)
        app = create_app(platform)
        browsers = {role: entered(app.test_client(), stage, role) for role in (*SIGNED_IN, "careful", "nobody")}
        yield World(platform, stage, app, browsers, code.id)
        with app.app_context():
            limiter.reset()


def entered(client: FlaskClient, stage: Stage, role: str) -> Browser:
    browser = Browser(client)
    if role != "nobody":
        assert browser.sign_in(stage.people[role].login_id, PASSWORD).status_code == 303
    browser.post("/language", "/help/bridge", {"language": "en", "next": "/"})
    return browser


def shown(browser: Browser, path: str) -> tuple[int, str]:
    answer = browser.get(path)
    found: Any = answer.get_json() if answer.is_json else answer.text
    assert answer.is_json or '<html lang="en">' in answer.text
    return answer.status_code, str(found)


@pytest.mark.parametrize("endpoint", PAGES)
def test_every_page_in_english_is_english(world: World, endpoint: str) -> None:
    roles = [OTHERS[endpoint]] if endpoint in OTHERS else SIGNED_IN
    seen = [(path, role, *shown(world.browsers[role], path)) for path in world.paths(endpoint) for role in roles]
    assert [found for *_, text in seen for found in world.left(text)] == []
    assert 200 in [status for _, _, status, _ in seen]


def test_what_was_done_is_told_in_english(world: World) -> None:
    sender, path = world.browsers["sender"], f"/contracts/{world.stage.contracts['another_draft']}"
    for act in ("send", "discard"):
        answer = sender.post(f"{path}/{act}", path)
        text = answer.text if answer.status_code != 303 else shown(sender, path)[1]
        assert world.left(text) == []
    assert "The contract was discarded." in text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/contracts?q=ありません", "/contracts/new?company=zzz", "/partners?q=zzz"]
)
def test_pages_with_nothing_on_them_are_english(world: World, path: str) -> None:
    assert world.left(shown(world.browsers["sender"], path)[1].replace("ありません", "")) == []


def test_the_test_notices_a_japanese_word(world: World) -> None:
    assert world.left(f"<p>{SENDER} 送付しました</p>") == ["<p> 送付しました</p>"]
