"""Every finding's state, its sentence and what to do, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

from .sentences_computer import COMPUTER
from .sentences_servers import SERVERS
from .sentences_tokens import TOKENS

SENTENCES: Mapping[str, tuple[str, str, str, str, str]] = {**COMPUTER, **SERVERS, **TOKENS}
"""By code: state, what it means (ja, en), what to do (ja, en; empty if nothing)."""
