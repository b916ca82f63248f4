"""The part of a window that shows pages, by itself."""

from __future__ import annotations

import gc
import tkinter
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from cectrust_bridge.windows.look import Look
from cectrust_bridge.windows.page_view import PageView
from cectrust_bridge.windows.theme import Theme


@pytest.fixture
def window(display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Its `root` is there and has the keyboard. Deleted in this thread: see `desk.Desk.leave`."""
    monkeypatch.setenv("DISPLAY", display)
    window = SimpleNamespace(root=tkinter.Tk())
    window.root.focus_force()
    window.root.update()
    yield window
    window.root.destroy()
    del window.root
    gc.collect()


def test_the_first_key_goes_to_the_pages_although_nothing_is_drawn_yet(window: SimpleNamespace) -> None:
    """What a person types while the window is being made waits in the queue: it must not go past the pages."""
    root, typed = window.root, list[str]()
    root.bind("<End>", lambda event: typed.append(str(event.widget)))
    view = PageView(root, Theme(root, Look("ja", 100)), lambda _: None, lambda: None)
    view.pack(fill="both", expand=True)
    view.open(0, 3)
    root.event_generate("<End>")
    assert view.is_at(2)
    assert typed == [str(root.focus_get())]
