"""The doctor: what keeps this computer from signing, what to do about it, and repairs shown before they are made."""

from __future__ import annotations

import functools
import tkinter
from collections.abc import Callable, Iterator, Mapping
from tkinter import font, ttk
from typing import Any

from .layout import Wrapped, button
from .reading import Reading
from .text_dialog import TextDialog
from .theme import Theme

STATES = ("bad", "doubtful", "good")
REPAIRS = ("module", "policy", "pairing", "autostart", "autostart-off")
MAX_PATH = 4096
LINES = 3


class CheckTab(ttk.Frame):
    """`wish("doctor", do=…)` goes to the front; what comes of it comes to `take`."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, wish: Callable[..., None]) -> None:
        super().__init__(parent, padding=theme.px(10))
        self._theme, self._words = theme, theme.words
        self._ask = functools.partial(wish, "doctor")
        self._findings: list[Mapping[str, Any]] = []
        self._is_examined = False
        self._make_head()
        self._list = Reading(self, theme, LINES)
        self._list.show([("quiet", self._words("check_intro"))])
        repairs, others = self._make_repairs(), self._make_others()
        for row in (others, repairs):
            row.pack(side="bottom", fill="x", pady=(theme.px(6), 0))
        self._list.pack(fill="both", expand=True)

    def take(self, told: Mapping[str, Any]) -> None:
        """What the front tells of a wish."""
        acts: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "findings": self._found, "examined": self._examined, "plan": self._planned, "last": self._ask_to_undo,
            "report": self._reported,
        }  # fmt: skip
        if told["of"] in acts:
            acts[told["of"]](told)
        else:
            self._ended(told)

    def _make_head(self) -> None:
        """One row: large letters leave the list little room."""
        row = ttk.Frame(self)
        row.pack(fill="x", pady=(0, self._theme.px(6)))
        self._progress = ttk.Progressbar(row, mode="determinate")
        self._examine = button(row, self._words("check_do"), self._begin, "Act.TButton")
        self._examine.pack(side="left")
        self._told = Wrapped(row)
        self._told.pack(side="left", fill="x", expand=True, padx=(self._theme.px(8), 0))

    def _make_repairs(self) -> ttk.Frame:
        row = ttk.Frame(self)
        names = [self._words(f"repair_{name}") for name in REPAIRS]
        measure = font.nametofont("TkDefaultFont", self).measure
        letters = max(map(measure, names)) // measure("0") + 2
        self._repair = ttk.Combobox(row, values=names, state="readonly", width=letters)
        self._repair.current(0)
        ttk.Label(row, text=self._words("repair")).pack(side="left", padx=(0, self._theme.px(6)))
        self._repair.pack(side="left", padx=(0, self._theme.px(6)))
        button(row, self._words("repair_show"), self._plan).pack(side="left")
        return row

    def _make_others(self) -> ttk.Frame:
        row = ttk.Frame(self)
        for key, act in (
            ("undo_show", lambda: self._ask(do="last")), ("trial", self._try), ("report", self._report),
        ):  # fmt: skip
            button(row, self._words(key), act).pack(side="left", padx=(0, self._theme.px(6)))
        return row

    def _begin(self) -> None:
        self._findings, self._is_examined = [], False
        self._examine.state(["disabled"])
        self._progress.configure(value=0)
        self._progress.pack(side="bottom", fill="x", pady=(self._theme.px(4), 0), before=self._examine)
        self._list.show([])
        self._ask(do="examine")

    def _found(self, told: Mapping[str, Any]) -> None:
        self._findings += told["findings"]
        self._progress.configure(value=told["done"], maximum=told["total"])
        self._say(self._words("check_running", done=told["done"], total=told["total"]))
        self._show()
        if self._is_examined:  # a signature was tried after the rest
            self._examined(told)

    def _examined(self, _told: Mapping[str, Any]) -> None:
        self._is_examined = True
        self._progress.pack_forget()
        self._examine.state(["!disabled"])
        self._examine.configure(text=self._words("check_again"))
        counts = {state: sum(each["state"] == state for each in self._findings) for state in STATES}
        self._say(self._words("check_ended", **counts), "Warn.TLabel" if counts["bad"] else "Good.TLabel")
        mends = [each["repair"] for state in STATES for each in self._findings if each["state"] == state]
        self._repair.current(next((REPAIRS.index(name) for name in mends if name), self._repair.current()))

    def _show(self) -> None:
        """What is bad comes first."""
        ranked = sorted(self._findings, key=lambda each: STATES.index(each["state"]))
        self._list.show([passage for each in ranked for passage in self._passages(each)])

    def _passages(self, finding: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        language = self._words.language
        yield finding["state"], f"{self._words('check_' + finding['state'])}　"
        yield "plain", f"{finding[language]}\n"
        todo = finding[f"do_{language}"]
        if finding["repair"]:  # here a button does what the sentence says of the command line
            todo = self._words("check_mend", repair=self._words(f"repair_{finding['repair']}"))
        if todo:
            yield "plain", f"→ {todo}\n"

    def _plan(self) -> None:
        self._ask(do="plan", repair=REPAIRS[self._repair.current()])

    def _planned(self, plan: Mapping[str, Any]) -> None:
        """What would be changed; where only an administrator may, the command for him."""
        note = "plan_command" if plan["command"] else "plan_note" if plan["changes"] else "plan_nothing"
        text = "\n".join(part for part in (plan["command"], plan["text"]) if part)
        named = self._words(f"repair_{plan['repair']}")
        shown = TextDialog(self, self._theme, "plan", text, note=self._words(note), repair=named)
        if plan["changes"] and not plan["command"]:
            shown.agreeing(functools.partial(self._ask, do="repair"))
        else:
            shown.copying()

    def _ask_to_undo(self, last: Mapping[str, Any]) -> None:
        TextDialog(self, self._theme, "undo", last["text"]).agreeing(functools.partial(self._ask, do="undo"))

    def _try(self) -> None:
        if not self._is_examined:
            self._say(self._words("check_first"), "Warn.TLabel")
            return
        self._say(self._words("trial_asking"))
        self._ask(do="trial")

    def _report(self) -> None:
        if self._is_examined:
            self._ask(do="report")
        else:
            self._say(self._words("check_first"), "Warn.TLabel")

    def _reported(self, told: Mapping[str, Any]) -> None:
        shown = TextDialog(self, self._theme, "report", told["text"])
        shown.saving(lambda path: self._ask(do="save", path=path[:MAX_PATH]), "~/cectrust-report.txt")
        shown.copying()

    def _ended(self, told: Mapping[str, Any]) -> None:
        if told["of"] == "failed":
            self._say(f"{told[self._words.language]}", "Warn.TLabel")
        elif told["of"] == "saved":
            self._say(self._words("report_saved", path=told["path"]), "Good.TLabel")
        elif told["of"] == "undone":
            self._say(self._words("undone"), "Good.TLabel")
        else:
            key = f"repaired_{told['repair']}"
            self._say(self._words(key if key in self._words else "repaired"), "Good.TLabel")

    def _say(self, text: str, style: str = "TLabel") -> None:
        self._told.say(text, style)
