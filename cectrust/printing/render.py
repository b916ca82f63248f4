"""From a packaged template and plain values to a PDF."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from cectrust.printing.errors import ResourceRefused
from cectrust.printing.fonts import mark_fallback
from cectrust.resources import templates_directory

_RESOURCE = re.compile(r"resource:(?P<name>[a-z0-9_-]+\.(?P<suffix>css|png|svg))")
_MEDIA_TYPES = {"css": "text/css", "png": "image/png", "svg": "image/svg+xml"}


class PackagedResources(URLFetcher):  # type: ignore[misc]
    """The only fetcher: `resource:NAME` from the print templates' own folder; every other URL is fatal."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Return a packaged resource, or raise `ResourceRefused`. `headers` have no meaning here."""
        del headers
        match = _RESOURCE.fullmatch(url)
        path = self._folder / match["name"] if match else None
        if match is None or path is None or not path.is_file():
            raise ResourceRefused(f"not a packaged resource: {url[:100]}")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _MEDIA_TYPES[match["suffix"]]})


def render_pdf(template: str, values: Mapping[str, Any]) -> bytes:
    """Return the PDF of `print/<template>` filled with `values`.

    Values are text, never HTML; each `{{ }}` stands in the content of an element, not in an attribute.
    Raises `ResourceRefused`, and `Misconfigured` if a font is not installed.
    """
    html = _environment().get_template(f"print/{template}").render(values)
    fetcher = PackagedResources(templates_directory() / "print")
    document = HTML(string=html, base_url="resource:", url_fetcher=fetcher)
    return document.write_pdf()  # type: ignore[no-any-return]


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(templates_directory()),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=mark_fallback,
        trim_blocks=True,
        lstrip_blocks=True,
    )
