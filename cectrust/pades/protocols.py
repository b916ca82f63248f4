"""What the engine is handed from outside. The engine itself never opens a connection."""

from __future__ import annotations

from typing import Protocol


class Timestamper(Protocol):
    """A time-stamping authority (RFC 3161)."""

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        """Return the DER `TimeStampToken` (a CMS ContentInfo) over `digest`, made with `algorithm`.

        `algorithm` is `sha256`, `sha384` or `sha512`. Raises the caller's own error when no token
        can be had; the engine lets it pass.
        """


class RevocationSource(Protocol):
    """Revocation data that somebody else fetched; asked only for certificates that chain to an anchor."""

    def ocsp(self, certificate: bytes, issuer: bytes) -> bytes | None:
        """Return the DER `OCSPResponse` for a DER certificate, or None where there is none."""

    def crls(self, certificate: bytes) -> list[bytes]:
        """Return the DER CRLs that may list a DER certificate; empty where there are none."""
