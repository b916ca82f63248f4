"""The kinds of key store that a bridge can be told to use. There is no third one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PKCS11, PKCS12 = "pkcs11", "pkcs12"
PKCS12_MODEL = "PKCS#12"
"""The `model` of a file that is shown as a token."""


@dataclass(frozen=True)
class StoreSetting:
    """A key store: a PKCS#11 module, or a PKCS#12 file with its public `certificates` (PEM) beside it."""

    name: str
    path: Path
    kind: str = PKCS11
    certificates: Path | None = None

    def arguments(self) -> list[str]:
        """What its worker is started with."""
        return [self.kind, str(self.path), *([str(self.certificates)] if self.certificates else [])]
