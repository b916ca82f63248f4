"""Every method that a page may call, one module a group: its parameters and what it does (PROTOCOL.md section 5)."""

from __future__ import annotations

from . import authentication, greeting, keys, listing, signing
from .method import Method

GROUPS = (greeting, listing, signing, authentication, keys)
METHODS: dict[str, Method] = {method.name: method for group in GROUPS for method in group.METHODS}

__all__ = ["METHODS", "Method"]
