"""Nothing is fetched, nothing is drawn as an empty square, no value becomes HTML."""

from __future__ import annotations

from pathlib import Path

import pytest
from weasyprint import HTML

from cectrust.printing import ResourceRefused, mark_fallback
from cectrust.printing.render import PackagedResources

AWKWARD = "株式会社山田太郎建設工業北海道東北支店営業第一部"


def test_what_the_main_font_has_is_left_alone() -> None:
    assert mark_fallback(f"{AWKWARD} 髙﨑 ㈱ ①\n") == f"{AWKWARD} 髙﨑 ㈱ ①\n"


def test_what_only_the_fallback_has_is_marked() -> None:
    assert mark_fallback("髙﨑𠮷乃") == '髙﨑<span class="fallback">𠮷</span>乃'


def test_a_variation_sequence_goes_whole_to_a_font_that_has_it() -> None:
    assert mark_fallback("渡邊\U000e010b工") == '渡<span class="fallback">邊\U000e010b</span>工'
    assert mark_fallback("葛\U000e0100之") == "葛\U000e0100之"


@pytest.mark.parametrize("text", ["\U0001f600", "亜\U000e01ef", "\x00", "A\U000e0100", "ꙮ"])
def test_a_letter_that_the_whole_chain_lacks_is_named_in_its_place(text: str) -> None:
    shown = str(mark_fallback("山田" + text + "太郎"))
    named = " ".join(f"U+{ord(part):04X}" for part in text)
    assert shown == f'山田<span class="unprintable">{named}</span>太郎'


def test_a_mark_is_drawn_by_the_font_of_its_letter() -> None:
    assert mark_fallback("𠮷\u3099") == '<span class="fallback">𠮷\u3099</span>'


def test_values_are_text_and_never_html() -> None:
    assert "<img" not in str(mark_fallback('<img src="http://example.com/"> & 𠮷'))
    assert "<img" not in str(mark_fallback('<img src="http://example.com/">𠮷'))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x.css",
        "https://example.com/x.css",
        "file:///etc/hostname",
        "data:text/css,html{}",
        "resource:../../pyproject.toml",
        "resource:receipt.html",
        "resource:missing.css",
        "resource:/etc/x.css",
        "RESOURCE:print.css",
        "print.css",
    ],
)
def test_every_address_but_a_packaged_resource_is_refused(url: str, tmp_path: Path) -> None:
    (tmp_path / "receipt.html").write_text("x")
    (tmp_path / "print.css").write_text("html {}")
    fetcher = PackagedResources(tmp_path)
    assert fetcher.fetch("resource:print.css").read() == b"html {}"
    with pytest.raises(ResourceRefused):
        fetcher.fetch(url)


@pytest.mark.parametrize(
    "html",
    [
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="stylesheet" href="file:///etc/hostname">',
        '<style>@import "https://example.com/x.css";</style>',
        '<p style="background: url(file:///etc/hostname)">x</p>',
    ],
)
def test_a_page_that_asks_for_more_is_not_rendered(html: str, tmp_path: Path) -> None:
    with pytest.raises(ResourceRefused):
        HTML(string=html, base_url="resource:", url_fetcher=PackagedResources(tmp_path)).write_pdf()
