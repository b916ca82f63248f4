"""Revocation data that must come from outside, as plain values that cross to a worker and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cectrust.pades.protocols import RevocationSource


@dataclass(frozen=True, slots=True)
class RevocationNeed:
    """A DER certificate that chains to an anchor and its issuer, whose revocation state matters."""

    certificate: bytes
    issuer: bytes


@dataclass(frozen=True, slots=True)
class FetchedRevocation:
    """Answers to needs, as plain data: (certificate, OCSP response) and (certificate, CRLs). A `RevocationSource`."""

    responses: tuple[tuple[bytes, bytes], ...] = ()
    lists: tuple[tuple[bytes, tuple[bytes, ...]], ...] = ()

    def ocsp(self, certificate: bytes, issuer: bytes) -> bytes | None:
        """The response that was fetched for `certificate`, or None."""
        del issuer
        return dict(self.responses).get(certificate)

    def crls(self, certificate: bytes) -> list[bytes]:
        """The CRLs that were fetched for `certificate`."""
        return list(dict(self.lists).get(certificate, ()))


class Recorder:
    """A source that knows nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.needs: dict[bytes, RevocationNeed] = {}

    def ocsp(self, certificate: bytes, issuer: bytes) -> bytes | None:
        self.needs[certificate] = RevocationNeed(certificate, issuer)
        return None

    def crls(self, certificate: bytes) -> list[bytes]:
        self.needs.setdefault(certificate, RevocationNeed(certificate, b""))
        return []


def fetch(needs: Sequence[RevocationNeed], revocation: RevocationSource) -> FetchedRevocation:
    """Ask for each certificate: OCSP where it names a responder, CRLs where that has no answer."""
    responses, lists = [], []
    for need in needs:
        try:
            response = revocation.ocsp(need.certificate, need.issuer) if need.issuer else None
            if response is not None:
                responses.append((need.certificate, response))
            else:
                lists.append((need.certificate, tuple(revocation.crls(need.certificate))))
        except (ValueError, TypeError, KeyError):  # a worker that was taken over may name anything at all
            continue
    return FetchedRevocation(tuple(responses), tuple(lists))
