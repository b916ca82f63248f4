"""Errors of the printing engine."""

from __future__ import annotations

from weasyprint.urls import FatalURLFetchingError


class ResourceRefused(FatalURLFetchingError):  # type: ignore[misc]
    """A template asked for something that is not packaged with it: a mistake, or somebody's injected address."""
