"""The signing window of several documents: a list with totals, each openable, agreed to by its number."""

from __future__ import annotations

import re
from tkinter import ttk

from cectrust_bridge.requests.request import Document
from consenting import Ask, claims, is_awake
from desk import PromptDesk


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
