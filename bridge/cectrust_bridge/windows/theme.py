"""Colours, fonts and sizes of all windows (the colours are those of the pages)."""

from __future__ import annotations

import tkinter
from tkinter import font, ttk

from .look import Look
from .wording import Words

INK, QUIET, PAPER, SHEET, LINE = "#1a1a1c", "#595959", "#f5f6f8", "#ffffff", "#8c8f96"
ACT, ACT_DARK, FOCUS, WARN, CLAIM, DESK = "#0031d8", "#00118f", "#b78f00", "#a8220d", "#fdf3d0", "#5f636b"
FONTS = ("BIZ UDPGothic", "BIZ UDPゴシック", "Yu Gothic UI", "Meiryo UI", "Hiragino Sans", "Noto Sans CJK JP")
FIXED_FONTS = ("BIZ UDGothic", "BIZ UDゴシック", "MS Gothic", "Noto Sans Mono CJK JP")
POINTS_AN_INCH, NORMAL_DOTS = 72, 96
SCREEN_MARGIN = 24


class Theme:
    """What a window needs to draw itself; `px` turns sizes of a normal screen into those of this one."""

    def __init__(self, root: tkinter.Tk, look: Look) -> None:
        self.words = Words(look.language)
        self.percent = look.percent or max(100, round(root.winfo_fpixels("1i") / NORMAL_DOTS * 100))
        root.tk.call("tk", "scaling", self.percent / 100 * NORMAL_DOTS / POINTS_AN_INCH)
        self.heading = self._fonts(root)
        self._styles(ttk.Style(root))
        root.configure(background=PAPER)

    def px(self, normal: int) -> int:
        """Pixels on this screen for `normal` pixels at 96 dots an inch."""
        return round(normal * self.percent / 100)

    def dots_a_point(self) -> float:
        """Pixels of one PDF point at 100 %."""
        return self.percent / 100 * NORMAL_DOTS / POINTS_AN_INCH

    def _fonts(self, root: tkinter.Tk) -> font.Font:
        """tkinter's default falls back to Mincho on some systems, which is hard to read in small sizes."""
        installed = set(font.families(root))
        for named, families in (("TkDefaultFont", FONTS), ("TkTextFont", FONTS), ("TkHeadingFont", FONTS)):
            _use(font.nametofont(named, root), families, installed, 11)
        _use(font.nametofont("TkFixedFont", root), FIXED_FONTS, installed, 11)
        heading = font.nametofont("TkDefaultFont", root).copy()
        heading.configure(size=15, weight="bold")
        return heading

    def _styles(self, style: ttk.Style) -> None:
        style.theme_use("clam")
        style.configure(".", background=PAPER, foreground=INK, bordercolor=LINE, focuscolor=FOCUS)
        style.configure("Quiet.TLabel", foreground=QUIET)
        style.configure("Warn.TLabel", foreground=WARN)
        style.configure("Good.TLabel", foreground="#15663e")
        style.configure("TLabelframe", background=PAPER, bordercolor=LINE)
        style.configure("TLabelframe.Label", background=PAPER, foreground=INK, font="TkHeadingFont")
        style.configure("Sheet.TFrame", background=SHEET)
        style.configure("Sheet.TLabel", background=SHEET)
        style.configure("Name.TLabel", background=SHEET, foreground=QUIET)
        for kind, colour in (("Claim", CLAIM), ("ClaimName", CLAIM)):
            style.configure(f"{kind}.TLabel", background=colour, foreground=QUIET if kind == "ClaimName" else INK)
        style.configure("Claim.TFrame", background=CLAIM)
        self._buttons(style)
        self._tables(style)

    def _buttons(self, style: ttk.Style) -> None:
        """A frame two pixels thick says where the keyboard is."""
        edge = [("focus", FOCUS)]
        style.configure("TButton", padding=(self.px(12), self.px(5)), background=SHEET, width=0)
        style.map("TButton", bordercolor=edge, lightcolor=edge, darkcolor=edge, background=[("active", "#e8eaef")])
        style.map("TButton", foreground=[("disabled", LINE)])
        style.configure("Act.TButton", background=ACT, foreground="#ffffff", lightcolor=ACT, darkcolor=ACT)
        style.map(
            "Act.TButton",
            background=[("disabled", "#d6d9e0"), ("active", ACT_DARK)],
            foreground=[("disabled", QUIET)],
            lightcolor=[("disabled", "#d6d9e0"), *edge],
            darkcolor=[("disabled", "#d6d9e0"), *edge],
            bordercolor=edge,
        )
        style.configure("TEntry", padding=self.px(4), fieldbackground=SHEET)
        style.map("TEntry", bordercolor=edge, lightcolor=edge)
        style.map("TCombobox", bordercolor=edge, lightcolor=edge, fieldbackground=[("readonly", SHEET)])

    def _tables(self, style: ttk.Style) -> None:
        line = font.nametofont("TkDefaultFont", style.master).metrics("linespace")
        style.configure("Treeview", rowheight=line + self.px(8), background=SHEET, fieldbackground=SHEET)
        style.configure("Treeview.Heading", font="TkDefaultFont", padding=self.px(4))
        style.map("Treeview", background=[("selected", "#dbe3ff")], foreground=[("selected", INK)])
        tab = (self.px(14), self.px(5))
        style.configure("TNotebook.Tab", padding=tab, background="#e3e5ea")
        style.map("TNotebook.Tab", padding=[("selected", tab)], background=[("selected", SHEET)])
        style.configure("Vertical.TScrollbar", arrowsize=self.px(14))


def _use(chosen: font.Font, families: tuple[str, ...], installed: set[str], size: int) -> None:
    family = next((name for name in families if name in installed), None)
    chosen.configure(size=size)
    if family is not None:
        chosen.configure(family=family)


def place(window: tkinter.Tk | tkinter.Toplevel, width: int, height: int) -> None:
    """In the middle of the screen, never larger than it."""
    screen = window.winfo_screenwidth(), window.winfo_screenheight()
    width, height = min(width, screen[0] - SCREEN_MARGIN), min(height, screen[1] - 3 * SCREEN_MARGIN)
    left, top = (screen[0] - width) // 2, max((screen[1] - height) // 3, 0)
    window.geometry(f"{width}x{height}+{left}+{top}")
