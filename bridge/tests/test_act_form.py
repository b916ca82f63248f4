"""The window that asks for an act of the token: in words, claims and facts apart, nothing preselected."""

from __future__ import annotations

from collections.abc import Iterator
from tkinter import ttk

import pytest
from cectrust_bridge.doctor import trial
from cectrust_bridge.formats.names import OIDS
from cectrust_bridge.windows.english import ENGLISH
from cectrust_bridge.windows.japanese import JAPANESE
from cectrust_bridge.windows.look import Look
from desk import PromptDesk

ACTS = ("auth.login", "auth.step_up", "key.generate", "csr.create", "cert.import", "doctor.trial")
TOKEN = {"label": "髙﨑 𠮷乃のトークン", "model": "eToken 5110", "serial": "1", "pin_state": "normal"}
ASKER = {"origin": "https://a.jp", "host": "a.jp", "server": "CECTRUST", "user": "髙﨑 𠮷乃"}


@pytest.fixture
def desk(display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[PromptDesk]:
    monkeypatch.setenv("DISPLAY", display)
    desk = PromptDesk(Look("en", 100))
    yield desk
    desk.leave()


def ask(desk: PromptDesk, act: str, claims: dict[str, str] | None = None) -> None:
    facts = {"sha256": "ab" * 32}
    desk.ask({"ask": "act", "act": act, "claims": claims or {}, "facts": facts, "token": TOKEN, **ASKER})


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_said_in_its_own_words_and_done_by_its_own_button(desk: PromptDesk, act: str) -> None:
    name = act.replace(".", "_")
    ask(desk, act)
    shown = desk.text()
    assert ENGLISH[f"ask_{name}"] in shown
    assert ENGLISH[f"note_{name}"] in shown
    assert TOKEN["label"] in shown
    agree(desk, ENGLISH[f"do_{name}"])
    assert desk.answer() == "yes"


def agree(desk: PromptDesk, text: str) -> None:
    """A press before it woke up is none: the button would be gone."""
    button = desk.button(text)
    assert button.instate(["disabled"])
    button.invoke()
    desk.until(lambda: button.instate(["!disabled"]))
    button.invoke()


def test_letting_a_page_see_the_list_cannot_be_hit_by_a_click_that_was_meant_for_something_else(
    desk: PromptDesk,
) -> None:
    desk.ask({"ask": "list", **ASKER})
    agree(desk, ENGLISH["allow"])
    assert desk.answer() == "yes"


def test_claims_are_shown_as_claims(desk: PromptDesk) -> None:
    ask(desk, "auth.step_up", {"named_act": "契約の取り消し"})
    claimed = {"契約の取り消し": "Claim.TLabel", ENGLISH["named_act"]: "ClaimName.TLabel"}
    labels = {str(each["text"]): str(each["style"]) for each in desk.of_kind(ttk.Label)}
    assert {text: labels.get(text) for text in claimed} == claimed


def test_every_part_of_a_name_has_a_word_in_both_languages() -> None:
    for words in (JAPANESE, ENGLISH):
        assert {f"rdn_{kind}" for kind in OIDS} <= set(words)


def test_a_test_signature_shows_its_sentence_and_no_page(desk: PromptDesk) -> None:
    facts = {"sentence": trial.TEXT}
    desk.ask({"ask": "act", "act": "doctor.trial", "claims": {}, "facts": facts, "token": TOKEN})
    shown = desk.text()
    assert trial.TEXT in shown
    assert ENGLISH["asker"] not in shown


@pytest.mark.parametrize("key", ["<Return>", "<space>", "<Escape>"])
def test_a_careless_key_refuses(desk: PromptDesk, key: str) -> None:
    ask(desk, "auth.login")
    desk.press(key)
    assert desk.answer() == "no"
