"""A participant's token, taken out of his computer and put back: SoftHSM sees a token per folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cectrust.demo.people import Participant
from tests.e2e.running import Running


@contextmanager
def unplugged(running: Running, participant: Participant) -> Iterator[None]:
    """Meanwhile the token is out; it is back afterwards."""
    tokens = running.layout.person(participant) / "tokens"
    pulled = tokens.with_name("pulled")
    tokens.rename(pulled)
    tokens.mkdir()
    try:
        yield
    finally:
        tokens.rmdir()
        pulled.rename(tokens)
