"""The PIN windows: states in words, what is written into the pipe, and what stays nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from tkinter import ttk
from typing import Any

import pytest
from cectrust_bridge.processes.pins import MAX_PIN, pack, unpack
from cectrust_bridge.windows.look import Look
from desk import PromptDesk

Ask = Callable[..., PromptDesk]
PIN = "Geheim#83610472"


@pytest.fixture
def ask(display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    monkeypatch.setenv("DISPLAY", display)
    desks: list[PromptDesk] = []

    def open_for(state: str, kind: str = "pin", model: str = "eToken 5110", **more: Any) -> PromptDesk:
        token = {"label": "髙﨑 𠮷乃のトークン", "model": model, "serial": "1", "pin_state": state}
        desks.append(PromptDesk(Look("ja", 100)))
        desks[-1].ask({"ask": kind, "token": token, **more}, secret=kind != "pinpad")
        return desks[-1]

    yield open_for
    for desk in desks:
        desk.leave()


def test_the_pin_goes_through_the_pipe_and_nowhere_else(ask: Ask) -> None:
    desk = ask("normal")
    desk.type(PIN)
    field = desk.of_kind(ttk.Entry)[0]
    assert field["show"] == "●"
    desk.press("<Return>", field)
    assert desk.secret() == PIN.encode()
    assert desk.answer() == "yes"
    assert PIN not in f"{desk.heard}{desk.text()}"
    assert not desk.of_kind(ttk.Entry)


def test_of_a_certificate_file_the_password_is_asked_for(ask: Ask) -> None:
    desk = ask("normal", model="PKCS#12")
    assert "証明書ファイルのパスワードを入力してください" in desk.text()
    assert "PINはトークンに渡すだけ" not in desk.text()
    desk.type(PIN)
    desk.button("パスワードを渡して続ける").invoke()
    assert desk.secret() == PIN.encode()


def test_the_pin_is_neither_selected_into_nor_copied_to_the_clipboard(ask: Ask) -> None:
    desk = ask("normal")
    desk.type(PIN)
    field = desk.of_kind(ttk.Entry)[0]
    desk.press("<ButtonPress-1>", desk.button("押している間だけ表示"))
    assert field["show"] == ""
    field.selection_range(0, "end")
    desk.root.clipboard_clear()
    desk.root.clipboard_append("before")
    desk.press("<<Copy>>", field)
    assert desk.root.clipboard_get() == "before"
    assert not str(field["exportselection"]).startswith(("1", "True"))
    desk.press("<ButtonRelease-1>", desk.button("押している間だけ表示"))
    assert field["show"] == "●"


def test_an_empty_pin_is_no_answer_and_escape_refuses(ask: Ask) -> None:
    desk = ask("normal")
    desk.press("<Return>", desk.of_kind(ttk.Entry)[0])
    assert desk.root.state() == "normal"
    desk.press("<Escape>")
    assert desk.answer() == "no"
    assert desk.secret() == b""


@pytest.mark.parametrize(("state", "words"), [("normal", "通常です"), ("low", "続けて間違えるとロック")])
def test_the_state_of_the_pin_is_said_in_words(ask: Ask, state: str, words: str) -> None:
    assert words in ask(state).text()


def test_the_last_try_has_to_be_typed_for(ask: Ask) -> None:
    desk = ask("final")
    assert "あと1回" in desk.text()
    last, pin = desk.of_kind(ttk.Entry)
    pin.focus_force()
    desk.type(PIN)
    desk.press("<Return>", pin)
    assert "LAST と入力すると続けられます" in desk.text()
    last.focus_force()
    desk.type("ｌａｓｔ")
    desk.press("<Return>", last)
    assert desk.root.focus_get() is pin
    desk.press("<Return>", pin)
    assert desk.secret() == PIN.encode()


@pytest.mark.parametrize(("state", "words"), [("locked", "ロックの解除を依頼"), ("change_required", "先にPINの変更")])
def test_a_token_that_takes_no_pin_is_not_asked_for_one(ask: Ask, state: str, words: str) -> None:
    desk = ask(state)
    assert words in desk.text()
    assert not desk.of_kind(ttk.Entry)
    desk.button("閉じる").invoke()
    assert desk.answer() == "no"


def test_caps_lock_and_full_width_characters_are_noticed_before_a_try_is_lost(ask: Ask) -> None:
    desk = ask("normal")
    field = desk.of_kind(ttk.Entry)[0]
    desk.press("<KeyPress-a>", field, state=2)
    assert "CapsLock がオン" in desk.text()
    desk.press("<KeyPress-a>", field, state=0)
    assert "CapsLock がオン" not in desk.text()
    field.delete(0, "end")
    desk.type("１２３４")
    desk.press("<Return>", field)
    assert "全角の文字" in desk.text()
    desk.press("<Return>", field)
    assert desk.secret() == "１２３４".encode()


def test_a_token_with_keys_of_its_own_gets_no_field(ask: Ask) -> None:
    desk = ask("normal", "pinpad")
    assert "PINパッドで入力してください" in desk.text()
    assert not desk.of_kind(ttk.Entry)
    assert not desk.of_kind(ttk.Button)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("old", "short", "short"), "8 文字以上"),
        (("old", "x" * 17, "x" * 17), "16 文字まで"),
        (("old", "newnewnew", "newnewnex"), "一致しません"),
        (("samesame", "samesame", "samesame"), "いまのPINと同じ"),
        (("old", "１２３４５６７８", "１２３４５６７８"), "半角の英数字"),
    ],
)
def test_a_new_pin_that_will_not_do_is_refused_with_a_reason(ask: Ask, typed: tuple[str, str, str], words: str) -> None:
    desk = ask("normal", "change_pin", lengths=[8, 16])
    fill(desk, typed)
    desk.button("変更する").invoke()
    desk.settle()
    assert words in desk.text()
    desk.press("<Escape>")
    assert desk.secret() == b""


def fill(desk: PromptDesk, typed: tuple[str, str, str]) -> None:
    for field, text in zip(desk.of_kind(ttk.Entry), typed, strict=True):
        field.focus_force()
        desk.type(text)


def test_the_last_try_has_to_be_typed_for_when_the_pin_is_changed_too(ask: Ask) -> None:
    desk = ask("final", "change_pin", lengths=[4, 16])
    assert "あと1回" in desk.text()
    last, *fields = desk.of_kind(ttk.Entry)
    assert desk.root.focus_get() is last
    for field, text in zip(fields, ("0000", PIN, PIN), strict=True):
        field.focus_force()
        desk.type(text)
    desk.press("<Return>", fields[-1])
    assert "LAST と入力すると続けられます" in desk.text()
    assert desk.root.focus_get() is last
    desk.type("last")
    desk.press("<Return>", last)
    assert desk.root.focus_get() is fields[0]
    desk.press("<Return>", fields[0])
    assert unpack(desk.secret(), 2) == [b"0000", PIN.encode()]


def test_a_locked_pin_is_not_changed(ask: Ask) -> None:
    desk = ask("locked", "change_pin", lengths=[4, 16])
    assert "ロックの解除を依頼" in desk.text()
    assert not desk.of_kind(ttk.Entry)
    desk.button("閉じる").invoke()
    assert desk.answer() == "no"


def test_old_and_new_pin_go_through_the_pipe_together(ask: Ask) -> None:
    desk = ask("change_required", "change_pin", lengths=[4, 16])
    fill(desk, ("0000", PIN, PIN))
    desk.button("変更する").invoke()
    assert unpack(desk.secret(), 2) == [b"0000", PIN.encode()]
    assert desk.answer() == "yes"
    assert PIN not in f"{desk.heard}"


@pytest.mark.parametrize(
    "octets", [b"", b"\0", b"\0\4abc", pack(b"a"), pack(b"a", b"b", b"c"), b"\xff\xff" + b"a" * 65535]
)
def test_two_pins_are_read_back_exactly_or_not_at_all(octets: bytes) -> None:
    assert unpack(pack(b"", b"x" * MAX_PIN), 2) == [b"", b"x" * MAX_PIN]
    with pytest.raises(ValueError, match="PIN"):
        unpack(octets, 2)


def test_a_pin_that_is_too_long_is_not_packed() -> None:
    with pytest.raises(ValueError, match="too long"):
        pack(b"x" * (MAX_PIN + 1))
