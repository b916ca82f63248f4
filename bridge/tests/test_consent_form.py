"""The signing windows: what has to be on the screen before "sign" wakes up, and what refuses."""

from __future__ import annotations

import re
from tkinter import ttk

import pytest
from cectrust_bridge.windows.look import Look
from consenting import COMPANY, TALL, Ask, claims, is_awake, pause, text_of
from desk import PromptDesk


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
