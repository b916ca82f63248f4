"""The window prompter (tkinter): claims and facts apart, the very pages, the PIN, nothing preselected."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import tkinter
from tkinter import font, ttk
from typing import Any

from ..channel import Channel, ChannelClosed, Message
from .page_view import PageView
from .wording import WORDS

POLL_MS = 40
FONTS = ("BIZ UDPGothic", "BIZ UDPゴシック", "Yu Gothic UI", "Meiryo UI", "Noto Sans CJK JP")
CLAIM_WORDS = {"title": "claim_title", "partner": "partner", "amount": "amount"}
FACT_NAMES = ("pages", "size", "sha256", "earlier_signatures")


def use_readable_font(root: tkinter.Tk) -> None:
    """tkinter's default falls back to Mincho on some systems, which is hard to read in small sizes."""
    installed = set(font.families(root))
    family = next((name for name in FONTS if name in installed), None)
    for named in ("TkDefaultFont", "TkTextFont", "TkHeadingFont"):
        chosen = font.nametofont(named, root)
        chosen.configure(size=11)
        if family is not None:
            chosen.configure(family=family)


class Window:
    """One window that shows one question after another and sends each answer."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._root = tkinter.Tk()
        self._root.title(WORDS["title"])
        self._root.report_callback_exception = self._fail
        use_readable_font(self._root)
        self._root.protocol("WM_DELETE_WINDOW", self._decline)
        self._root.bind("<Escape>", lambda _: self._decline())
        self._heading_font = font.nametofont("TkDefaultFont", self._root).copy()
        self._heading_font.configure(size=15, weight="bold")
        self._body = ttk.Frame(self._root, padding=12)
        self._body.pack(fill="both", expand=True)
        self._asking = False
        self._descriptor: int | None = None
        self._root.after(0, self._poll)

    def run(self) -> None:
        """Until the parent goes."""
        self._root.mainloop()

    def _fail(self, kind: type[BaseException], *_: object) -> None:
        """A window that does not work asks nothing: it closes, which refuses."""
        sys.stderr.write(f"window: {kind.__name__}\n")
        self._root.destroy()

    def _poll(self) -> None:
        """tkinter's file handlers don't exist on every system; a short timer does."""
        with contextlib.suppress(ChannelClosed):
            while select.select([self._channel], [], [], 0)[0]:
                self._take(self._channel.receive())
            self._root.after(POLL_MS, self._poll)
            return
        self._root.destroy()

    def _take(self, message: Message) -> None:
        question = message.fields
        if "done" in question:
            return
        self._clear()
        self._asking = True
        if question["ask"] == "pin":
            self._descriptor = message.descriptors[0]
            self._ask_pin(question["token"])
        elif question["ask"] == "sign":
            self._ask_signing(question)
        else:
            self._ask_listing(question)
        self._root.lift()

    def _clear(self) -> None:
        for key in ("<Next>", "<Prior>"):
            self._root.unbind(key)
        for child in self._body.winfo_children():
            child.destroy()

    def _answer(self, answer: str) -> None:
        if not self._asking:
            return
        self._asking = False
        self._clear()
        ttk.Label(self._body, text=WORDS["working"]).pack()
        with contextlib.suppress(ChannelClosed):
            self._channel.send({"answer": answer})

    def _decline(self) -> None:
        self._close_pin_pipe()
        self._answer("no")

    def _close_pin_pipe(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _heading(self, text: str) -> None:
        ttk.Label(self._body, text=text, font=self._heading_font, wraplength=900).pack(anchor="w", pady=(0, 8))

    def _table(self, parent: tkinter.Misc, heading: str, rows: list[tuple[str, str]]) -> None:
        frame = ttk.LabelFrame(parent, text=heading, padding=8)
        frame.pack(fill="x", pady=4)
        frame.columnconfigure(1, weight=1)
        for row, (name, value) in enumerate(rows):
            ttk.Label(frame, text=name).grid(row=row, column=0, sticky="nw", padx=(0, 12))
            ttk.Label(frame, text=value, wraplength=230, justify="left").grid(row=row, column=1, sticky="w")

    def _buttons(self, yes: str, act: Any) -> ttk.Button:
        """Refusing has the focus; agreeing never is the default, though the keyboard reaches it."""
        row = ttk.Frame(self._body)
        row.pack(fill="x", side="bottom", pady=(10, 0))
        refuse = ttk.Button(row, text=WORDS["decline"], command=self._decline)
        refuse.pack(side="right", padx=(8, 0))
        agree = ttk.Button(row, text=yes, command=act)
        agree.pack(side="right")
        refuse.focus_set()
        return agree

    def _asker_rows(self, question: dict[str, Any]) -> list[tuple[str, str]]:
        return [(WORDS[name], question[name]) for name in ("origin", "host", "server", "user")]

    def _ask_listing(self, question: dict[str, Any]) -> None:
        self._heading(WORDS["list_question"])
        self._table(self._body, WORDS["facts"], self._asker_rows(question))
        self._buttons(WORDS["allow"], lambda: self._answer("yes"))

    def _ask_signing(self, question: dict[str, Any]) -> None:
        """Left: claims and facts. Right: the pages. Sign wakes up when all were shown."""
        self._heading(WORDS["sign_question"].format(count=len(question["documents"])))
        agree = self._buttons(WORDS["sign"], lambda: self._answer("yes"))
        agree.state(["disabled"])
        columns = ttk.Frame(self._body)
        columns.pack(fill="both", expand=True)
        left = ttk.Frame(columns)
        left.pack(side="left", fill="y", padx=(0, 10))
        about = ttk.Frame(left)
        about.pack(fill="x")
        self._certificate_rows(left, question)

        def show_about(document: int) -> None:
            self._show_document(about, question["documents"][document])

        def all_shown() -> None:
            agree.state(["!disabled"])

        counts = [document["facts"]["pages"] for document in question["documents"]]
        titles = [document["claims"]["title"] for document in question["documents"]]
        view = PageView(columns, self._channel, titles, counts, show_about, all_shown)
        self._root.bind("<Next>", lambda _: view.turn(1))
        self._root.bind("<Prior>", lambda _: view.turn(-1))
        view.show(0, 0)

    def _show_document(self, about: ttk.Frame, document: dict[str, Any]) -> None:
        for child in about.winfo_children():
            child.destroy()
        claims = [(WORDS[CLAIM_WORDS[name]], value) for name, value in document["claims"].items()]
        facts = [(WORDS[name], f"{document['facts'][name]}") for name in FACT_NAMES]
        self._table(about, WORDS["claims"], claims)
        self._table(about, WORDS["facts"], facts)

    def _certificate_rows(self, parent: tkinter.Misc, question: dict[str, Any]) -> None:
        certificate, token = question["certificate"], question["token"]
        rows = [(WORDS[name], certificate[name]) for name in ("subject", "issuer", "until")]
        self._table(parent, WORDS["certificate"], [*rows, (WORDS["token"], f"{token['label']} {token['serial']}")])
        self._table(parent, WORDS["asker"], self._asker_rows(question))

    def _ask_pin(self, token: dict[str, Any]) -> None:
        self._heading(WORDS["pin_question"].format(token=token["label"]))
        state = WORDS.get(f"pin_{token['pin_state']}", "")
        ttk.Label(self._body, text=state, foreground="#a00000", wraplength=600).pack(anchor="w")
        pin = ttk.Entry(self._body, show="●", width=32)
        confirmation = ttk.Entry(self._body, width=12)
        if token["pin_state"] == "final":
            ttk.Label(self._body, text=WORDS["type_last"]).pack(anchor="w")
            confirmation.pack(anchor="w", pady=4)
        pin.pack(anchor="w", pady=8)

        def give() -> None:
            if token["pin_state"] == "final" and confirmation.get() != "LAST":
                return
            self._give_pin(pin.get())

        self._buttons(WORDS["give_pin"], give)
        pin.bind("<Return>", lambda _: give())
        pin.focus_set()

    def _give_pin(self, pin: str) -> None:
        if not pin or self._descriptor is None:
            return
        with os.fdopen(self._descriptor, "wb") as pipe:
            pipe.write(pin.encode())
        self._descriptor = None
        self._answer("yes")


def main(channel: Channel) -> None:
    """Serve until the parent goes."""
    Window(channel).run()
