"""One word has one spelling in all that people read: pages, windows, mails and guides."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("cectrust", "templates", "docs", "bridge/cectrust_bridge", "bridge/packaging", "plugins")
SUFFIXES = {".py", ".js", ".html", ".txt", ".md", ".po", ".toml", ".1"}
OTHERWISE = re.compile("ブラウザー|メモリー|(?:サーバ|フォルダ|ドライバ|プロキシ)(?!ー)")
"""Written otherwise here: ブラウザ, メモリ, サーバー, フォルダー, ドライバー, プロキシー."""


def test_loan_words_are_spelt_in_one_way() -> None:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    texts = {path: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *files]}
    assert len(texts) > 100
    assert {
        str(path.relative_to(ROOT)): OTHERWISE.findall(text) for path, text in texts.items() if OTHERWISE.search(text)
    } == {}
