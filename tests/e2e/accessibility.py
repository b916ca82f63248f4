"""What axe-core finds on a page, and what does not fit the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

AXE = Path(__file__).parents[1] / "support" / "axe" / "axe.min.js"


class Page(Protocol):
    """Whatever runs scripts in a page: a tab of ours, or Playwright's page."""

    def evaluate(self, function: str, /) -> Any: ...


def examine(page: Page) -> list[str]:
    """WCAG 2.2 A and AA with contrast, best practices, and nothing wider than the window."""
    page.evaluate(f"() => {{ {AXE.read_text()} }}")
    found = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in page.evaluate("() => axe.run()")["violations"]]
    over = int(page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))
    return found + ([f"{over} pixels wider than the window"] if over > 0 else [])
