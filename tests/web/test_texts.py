"""What no database keeps as text is refused with words, wherever it comes in and on both engines."""

from __future__ import annotations

import pytest

from tests.web.support import BASE, BOTH_ENGINES, Browser

pytestmark = BOTH_ENGINES
WORDS = "扱えない文字"


def test_a_nul_in_the_form_of_somebody_unknown(browser: Browser) -> None:
    answer = browser.post("/sign-in", "/sign-in", {"login_id": "\x00", "password": "x"})
    assert (answer.status_code, WORDS in answer.text) == (400, True)


@pytest.mark.parametrize("path", ["/contracts/%00", "/contracts?q=%00", "/partners?q=%00", "/consents/a%00b", "/%00"])
def test_a_nul_in_an_address(signed_in: Browser, path: str) -> None:
    answer = signed_in.get(path)
    assert (answer.status_code, WORDS in answer.text) == (400, True)


@pytest.mark.parametrize(
    "text", ['{"contracts": ["\\ud800"]}', '{"contracts": ["a\\u0000"]}', '{"x": {"\\udfff": 1}}', "[" * 100_000]
)
def test_a_nul_or_half_a_character_in_a_scripts_message(signed_in: Browser, text: str) -> None:
    headers = {"X-CSRFToken": signed_in.form_token("/password"), "Accept": "application/json"}
    body = {"data": text, "content_type": "application/json", "base_url": BASE, "headers": headers}
    answer = signed_in.client.post("/signing/batches", **body)
    assert answer.status_code == 400
    assert answer.json
    assert WORDS in answer.json["message_ja"]
    assert "characters" in answer.json["message_en"]


def test_whole_characters_of_every_plane_go_through(signed_in: Browser) -> None:
    assert signed_in.get("/contracts?q=%F0%A0%AE%B7%E9%82%8A%F3%A0%84%81").status_code == 200
    body = {"contracts": ["\U00020bb7"]}
    assert signed_in.post_json("/signing/batches", "/password", body).status_code != 400
