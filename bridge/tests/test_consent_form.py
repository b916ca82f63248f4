"""The signing windows: what has to be on the screen before "sign" wakes up, and what refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from tkinter import ttk
from typing import Any

import pytest
from bridge_house import SoftToken
from cectrust_bridge.documents.byterange import ByteRange
from cectrust_bridge.documents.received import ReceivedDocument
from cectrust_bridge.formats.jose import key_of
from cectrust_bridge.pairing.model import Pairing
from cectrust_bridge.prompters.consent import CheckedDocument, signing_question
from cectrust_bridge.requests.request import Document
from cectrust_bridge.tokens.model import Token, certificate_on
from cectrust_bridge.windows.arming import ARMING_MS
from cectrust_bridge.windows.look import Look
from cryptography.hazmat.primitives.asymmetric import ec
from desk import PromptDesk, widgets
from driver import ORIGIN, jwk

COMPANY = "株式会社山田太郎建設工業北海道東北支店営業第一部"
TALL = 4000
Ask = Callable[..., PromptDesk]


def claims(number: int, pages: int, **changed: Any) -> Document:
    values = {"title": f"{number} 髙﨑 𠮷乃邸\u202e工事", "partner": COMPANY, "amount": 1_000_000, "currency": "JPY"}
    return Document(id=f"doc-{number}", sha256="ab" * 32, size=5000, pages=pages, **(values | changed))  # type: ignore[arg-type]


@pytest.fixture
def ask(display: str, filled_token: SoftToken, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Opens a signing window for these documents."""
    monkeypatch.setenv("DISPLAY", display)
    desks: list[PromptDesk] = []
    token = Token("SoftHSM2", "髙﨑 𠮷乃のトークン", "0042", "SoftHSM", "SoftHSM v2", "normal", False)
    certificate = certificate_on(token, filled_token.certificates["rsa"])
    key = key_of(jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))
    server = Pairing("CECTRUST", ORIGIN, (ORIGIN,), key, f"髙﨑 𠮷乃（{COMPANY}）")

    def open_for(*documents: Document, look: Look = Look("ja", 100)) -> PromptDesk:  # noqa: B008  # frozen
        received = [CheckedDocument(ReceivedDocument(each, -1), ByteRange(1, 2, 3), 0) for each in documents]
        assert certificate is not None
        desks.append(PromptDesk(look))
        desks[-1].ask(signing_question(server, ORIGIN, certificate, received))
        return desks[-1]

    yield open_for
    for desk in desks:
        desk.leave()


def pause(desk: PromptDesk) -> None:
    """Longer than "sign" takes to wake up, by the window's own clock."""
    over: list[bool] = []
    desk.root.after(2 * ARMING_MS, over.append, True)
    desk.until(lambda: over)


def is_awake(desk: PromptDesk, text: str = "署名する") -> bool:
    return desk.button(text).instate(["!disabled"])


def test_sign_sleeps_until_every_page_was_displayed_to_its_foot(ask: Ask) -> None:
    desk = ask(claims(1, 3))
    assert desk.give_page()["page"] == 0
    assert "あと 2 ページです" in desk.text()
    for page, height in ((1, 80), (2, TALL)):
        desk.press("<Next>")
        assert desk.give_page(height)["page"] == page
    assert "このページの下端まで" in desk.text(), "its head is on the screen, its foot is not"
    assert not is_awake(desk)
    for _ in range(20):
        desk.press("<Next>")
    desk.until(lambda: is_awake(desk))
    assert "すべてのページを表示しました" in desk.text()


def test_the_end_of_two_hundred_pages_is_one_page_and_wakes_nothing(ask: Ask) -> None:
    desk = ask(claims(1, 200))
    desk.give_page()
    desk.press("<End>")
    assert desk.give_page(TALL)["page"] == 199
    assert "あと 198 ページです" in desk.text()
    desk.press("<End>")
    desk.give_page()
    pause(desk)
    assert not is_awake(desk)


def test_a_page_left_at_its_head_stays_to_be_shown_and_key_and_button_find_it(ask: Ask) -> None:
    desk = ask(claims(1, 4))
    desk.give_page(TALL)
    for way, page in (("<End>", 3), ("<Control-Next>", 0), ("<Control-Next>", 1), ("button", 2)):
        desk.button("まだのページへ").invoke() if way == "button" else desk.press(way)
        assert desk.give_page(80)["page"] == page
    desk.until(lambda: is_awake(desk))
    assert desk.button("まだのページへ").instate(["disabled"]), "there is none any more"
    desk.press("<Control-Next>")
    assert "3 / 4" in desk.text()


def test_who_holds_the_key_down_has_every_page_shown_and_skips_none(ask: Ask) -> None:
    desk = ask(claims(1, 30))
    turned = [desk.give_page()["page"]]
    while turned[-1] < 29:
        for _ in range(5):
            desk.press("<Next>")
        turned.append(desk.give_page()["page"])
    assert turned == list(range(30))
    desk.until(lambda: is_awake(desk))


def test_the_keyboard_alone_signs_and_nothing_is_preselected(ask: Ask) -> None:
    desk = ask(claims(1, 2))
    desk.give_page()
    for key in ("<Return>", "<space>"):
        desk.press(key)
    desk.give_page()
    desk.until(lambda: is_awake(desk))
    desk.press("<Return>")
    assert desk.root.focus_get() is not desk.button("署名する")
    for _ in range(12):
        desk.press("<Tab>")
        if desk.root.focus_get() is desk.button("署名する"):
            break
    desk.press("<Return>")
    assert desk.answer() == "yes"


def test_a_double_click_on_sign_is_one_answer(ask: Ask) -> None:
    desk = ask(claims(1, 1))
    desk.give_page()
    desk.until(lambda: is_awake(desk))
    sign = desk.button("署名する")
    for event in ("<ButtonPress-1>", "<ButtonRelease-1>", "<ButtonPress-1>", "<ButtonRelease-1>"):
        if sign.winfo_exists():
            desk.press("<Enter>", sign)
            desk.press(event, sign, x=5, y=5)
    assert desk.answer() == "yes"
    desk.front.set_timeout(0.2)
    with pytest.raises(TimeoutError):
        desk.hear("answer")


@pytest.mark.parametrize("way", ["escape", "window manager", "button"])
def test_refusing_is_at_once_though_a_page_never_comes(ask: Ask, way: str) -> None:
    desk = ask(claims(1, 3))
    desk.hear("page")
    if way == "escape":
        desk.press("<Escape>")
    elif way == "button":
        desk.button("取り消す").invoke()
    else:
        desk.root.tk.call(desk.root.protocol("WM_DELETE_WINDOW"))
    assert desk.answer() == "no"
    assert desk.root.state() == "withdrawn"


def test_who_jumps_to_and_fro_fast_gets_the_page_he_stopped_at(ask: Ask) -> None:
    desk = ask(claims(1, 200))
    desk.give_page()
    desk.press("<End>")
    desk.press("<Home>")
    desk.press("<End>")
    assert [desk.give_page()["page"], desk.give_page()["page"]] == [199, 199]
    assert "200 / 200" in desk.text()


def test_pixels_of_a_page_left_behind_do_not_count_as_shown(ask: Ask) -> None:
    desk = ask(claims(1, 2))
    desk.give_page()
    desk.press("<End>")
    desk.press("<Home>")
    assert desk.give_page()["page"] == 1
    assert desk.give_page()["page"] == 0
    assert "あと 1 ページです" in desk.text()
    assert not is_awake(desk)


def test_the_size_of_a_page_follows_the_keys(ask: Ask) -> None:
    desk = ask(claims(1, 1))
    assert "width" in desk.give_page()
    scales = []
    for key in ("<plus>", "<plus>", "<plus>", "<plus>", "<minus>"):
        desk.press(key)
        scales.append(desk.give_page()["scale"] * 72 / 96)
    assert scales == pytest.approx([1.0, 1.5, 2.0, 3.0, 2.0])
    desk.press("<Key-0>")
    assert "width" in desk.give_page()


def test_claims_and_facts_are_apart_and_hidden_characters_are_seen(ask: Ask) -> None:
    desk = ask(claims(1, 1))
    frames = {frame["text"]: frame for frame in desk.of_kind(ttk.LabelFrame)}
    texts = {title: text_of(frame) for title, frame in frames.items()}
    claimed, known = texts["サーバーの申告（確かめていません）"], texts["このブリッジが確かめた事実"]
    assert "‹U+202E›" in claimed
    assert COMPANY in claimed
    assert "5,000 バイト" in known
    assert COMPANY not in known


def text_of(frame: Any) -> str:
    return "\n".join(f"{each['text']}" for each in widgets(frame) if isinstance(each, ttk.Label)).replace("\u00a0", " ")


def many(count: int) -> list[Document]:
    currencies = ("JPY", "USD")
    return [claims(n, 2, currency=currencies[n % 2]) for n in range(1, count)] + [
        claims(count, 2, amount=None, currency=None)
    ]


def type_count(desk: PromptDesk, text: str) -> None:
    [entry] = desk.of_kind(ttk.Entry)
    entry.focus_force()
    entry.delete(0, "end")
    desk.type(text)


def test_many_are_signed_after_the_list_was_shown_to_its_end_and_its_number_typed(ask: Ask) -> None:
    desk = ask(*many(60))
    type_count(desk, "60")
    assert "一覧を最後まで表示すると" in desk.text()
    [table] = desk.of_kind(ttk.Treeview)
    table.focus_force()
    desk.press("<End>", table)
    desk.until(lambda: is_awake(desk))
    type_count(desk, "6")
    assert not is_awake(desk)
    assert "件数が違います" in desk.text()
    type_count(desk, "６０")
    desk.until(lambda: is_awake(desk))
    assert "60件" in desk.text()
    desk.button("署名する").invoke()
    assert desk.answer() == "yes"


def test_the_list_has_totals_by_currency(ask: Ask) -> None:
    desk = ask(*many(6))
    texts = desk.text()
    assert re.search("3,000,000 USD", texts)
    assert re.search("2,000,000 JPY", texts)
    assert "30,000 バイト" in texts
    assert "12" in texts.splitlines()


def test_every_document_of_a_list_opens_in_the_same_viewer(ask: Ask) -> None:
    desk = ask(*many(3))
    [table] = desk.of_kind(ttk.Treeview)
    desk.press("<Down>", table)
    desk.press("<Return>", table)
    assert desk.give_page()["document"] == 1
    assert "2 髙﨑 𠮷乃邸‹U+202E›工事" in desk.text()
    desk.press("<Next>")
    desk.give_page()
    desk.button("一覧に戻る").invoke()
    desk.settle()
    [table] = desk.of_kind(ttk.Treeview)
    assert [table.set(row, "opened") for row in ("0", "1", "2")] == ["まだ", "した", "まだ"]


def test_a_document_of_a_list_whose_end_alone_was_shown_is_not_marked(ask: Ask) -> None:
    desk = ask(*[claims(n, 3) for n in (1, 2)])
    [table] = desk.of_kind(ttk.Treeview)
    desk.press("<Return>", table)
    desk.give_page()
    desk.press("<End>")
    desk.give_page()
    desk.button("一覧に戻る").invoke()
    desk.settle()
    [table] = desk.of_kind(ttk.Treeview)
    assert [table.set(row, "opened") for row in ("0", "1")] == ["まだ", "まだ"]


def test_on_a_small_screen_with_large_letters_two_tabs_replace_two_panes(ask: Ask) -> None:
    desk = ask(claims(1, 1), look=Look("en", 200))
    assert desk.of_kind(ttk.Notebook)
    desk.give_page()
    desk.until(lambda: is_awake(desk, "Sign"))
    assert desk.button("Sign").winfo_rootx() + desk.button("Sign").winfo_width() <= desk.root.winfo_screenwidth()
    assert desk.root.winfo_height() <= desk.root.winfo_screenheight()


def test_a_person_who_reads_is_not_silent(ask: Ask) -> None:
    desk = ask(claims(1, 1))
    desk.give_page()
    desk.press("<Down>")
    assert desk.hear("alive") == {"alive": True}


def seconds_left(desk: PromptDesk) -> int:
    minutes, seconds = re.findall(r"残り時間 (\d+):(\d\d)", desk.text())[0]
    return int(minutes) * 60 + int(seconds)


def test_the_time_left_is_counted_down(ask: Ask) -> None:
    desk = ask(claims(1, 1))
    first = seconds_left(desk)
    assert 0 < first <= 300
    desk.until(lambda: 0 <= seconds_left(desk) < first)
