"""The windows (or the terminal) in which the bridge asks its user, each in a process of its own."""

from __future__ import annotations

KINDS = ("window", "terminal")
