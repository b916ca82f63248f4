"""One signature over octets that the bridge made itself: a log-in, a trial."""

from __future__ import annotations

from ..tokens.model import Certificate
from ..tokens.modules import Modules
from .results import Verifier


async def signature(
    modules: Modules, certificate: Certificate, mechanism: str, octets: bytes, pin: int | None
) -> bytes:
    """The token's, and it verifies (`pin` as in `Modules.sign`). CertKeyMismatch if it is another key's."""
    [made] = await modules.sign(certificate, mechanism, [octets], pin, _unheard)
    Verifier(certificate.der, mechanism).check(octets, made)
    return made


async def _unheard(_: int, __: bytes) -> None:
    """One signature needs no progress."""
