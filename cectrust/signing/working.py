"""Working copies: prepared, embedded and extended files, needed until their request ends and by nobody after that."""

from __future__ import annotations

from cectrust.sdk.protocols import BlobArea, BlobKey, Digest, Instant
from cectrust.signing import store
from cectrust.signing.model import REQUEST_LIFE, SigningRequest
from cectrust.work import Workplace


def keys_of(request: SigningRequest) -> list[BlobKey]:
    """The addresses of a request's working copies, as many as there are by now."""
    digests = (Digest(request.prepared.file_sha256), request.embedded_digest, request.extended_digest)
    return [BlobKey(BlobArea.WORKING, request.owner, digest) for digest in digests if digest is not None]


class Sweep:
    """Deletes what no open request names: copies of expired and failed requests, and of steps that were cut short.

    A copy is kept before the row that names it, so one that nobody names may be seconds old. Only what nobody named
    in the round before, either, goes; a round is much longer than a step.
    """

    def __init__(self) -> None:
        self._unnamed: frozenset[BlobKey] = frozenset()

    def run(self, place: Workplace) -> int:
        """One round; returns how many copies were deleted."""
        stored = frozenset(place.blobs.walk(BlobArea.WORKING))
        unnamed = stored - _named(place)
        abandoned = unnamed & self._unnamed
        for key in abandoned:
            place.blobs.delete(key)
        self._unnamed = unnamed - abandoned
        return len(abandoned)


def _named(place: Workplace) -> frozenset[BlobKey]:
    """What open requests need; an expired one counts as open for another life, for a download may be under way."""
    with place.reading() as work:
        since = Instant(work.clock.now() - REQUEST_LIFE)
        return frozenset(key for request in store.open_requests(work.session, since) for key in keys_of(request))
