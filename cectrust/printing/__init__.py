"""Engine: HTML templates to PDF, with every glyph accounted for and nothing fetched from anywhere."""

from cectrust.printing.errors import ResourceRefused
from cectrust.printing.fonts import mark_fallback
from cectrust.printing.render import render_pdf

__all__ = ["ResourceRefused", "mark_fallback", "render_pdf"]
