"""Comparison with what was concluded: only the server and a receipt know which signatures belong."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from cectrust.pades.documents import hash_into
from cectrust.pades.model import ConcludedFacts, Reason, SignatureReport
from cectrust.pades.validation.sentences import reason


def deviations(path: Path, receipt: ConcludedFacts, signatures: Sequence[SignatureReport]) -> tuple[Reason, ...]:
    """Why the file isn't the concluded one; empty when it begins with exactly those bytes.

    Later revisions (renewed archive timestamps) are fine here; the other rules judge them.
    """
    if _begins_with(path, receipt):
        return ()
    present = {signature.field for signature in signatures}
    missing = [signer.name for signer in receipt.signers if signer.field not in present]
    if missing:
        return tuple(reason("cut_back", name) for name in missing)
    return (reason("not_the_concluded"),)


def _begins_with(path: Path, receipt: ConcludedFacts) -> bool:
    hasher = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            hash_into(stream, receipt.size, hasher)
    except EOFError:
        return False
    return hasher.hexdigest() == receipt.file_sha256.lower()
