"""Which signatures and timestamps of a file need fresh proof, and which an archive timestamp protects already."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, extract_tst_data_iter

from cectrust.pades.errors import LongTermFailed
from cectrust.pades.model import TrustStore
from cectrust.pades.trust import certificates
from cectrust.pades.validation.signatures import passes_when_proven
from cectrust.pades.validation.timestamps import judge_timestamps

_NOWHERE = -1
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Token:
    """One signature or timestamp: whether it has to end at an anchor for time, and the revision it lies in."""

    signed_data: cms.SignedData
    is_time: bool
    revision: int = _NOWHERE

    @property
    def leaf(self) -> x509.Certificate:
        return extract_certs_for_validation(self.signed_data).signer_cert

    def others(self, trust: TrustStore) -> list[x509.Certificate]:
        return [*extract_certs_for_validation(self.signed_data).other_certs, *certificates(trust.intermediates)]

    def anchors(self, trust: TrustStore) -> tuple[bytes, ...]:
        return trust.tsa_anchors if self.is_time else trust.anchors


async def settled_revisions(reader: PdfFileReader, trust: TrustStore, at: datetime) -> tuple[int, ...]:
    """Revisions whose signature or timestamp passes offline, judged at the time that a later timestamp proves.

    Its certificate may have expired or been revoked since (T15). The newest document timestamp is not among them:
    nothing vouches for it yet but its authority. `at` is the moment (aware) at which it has to be good itself.
    """
    try:
        _, proven = await judge_timestamps(reader.embedded_timestamp_signatures, trust, None, at)
        signed = [one for one in reader.embedded_regular_signatures if await passes_when_proven(one, proven, trust)]
    except (OSError, MemoryError):
        raise  # the machine's fault, not the file's
    except Exception as error:  # data that the library trips over proves nothing, so that everything is asked anew
        _log.info("no proof so far: %s", type(error).__name__)
        return ()
    return (*(one.signed_revision for one in signed), *(one.revision for one in proven[:-1]))


def unproven(reader: PdfFileReader, settled: tuple[int, ...], known: Iterable[bytes]) -> list[Token]:
    """Signatures and timestamps outside `settled`, and the `known` tokens (DER); raises `LongTermFailed`."""
    given = [Token(cms.ContentInfo.load(token)["content"], is_time=True) for token in known]
    return [*(token for token in _tokens(reader) if token.revision not in settled), *given]


def one_a_signer(tokens: Iterable[Token]) -> Iterator[Token]:
    """The first token of each certificate."""
    seen: set[bytes] = set()
    for token in tokens:
        leaf = token.leaf.dump()
        if leaf not in seen:
            seen.add(leaf)
            yield token


def _tokens(reader: PdfFileReader) -> Iterator[Token]:
    """Every signature and timestamp in the file."""
    signatures = reader.embedded_regular_signatures
    if not signatures:
        raise LongTermFailed(
            "nothing_signed",
            "電子署名がないため、長期保管の処理はできません。",
            "There is no signature to extend.",
        )
    for signature in signatures:
        yield Token(signature.signed_data, is_time=False, revision=signature.signed_revision)
        for token in extract_tst_data_iter(signature.signer_info, signed=False):
            yield Token(token, is_time=True, revision=signature.signed_revision)
    for stamped in reader.embedded_timestamp_signatures:
        yield Token(stamped.signed_data, is_time=True, revision=stamped.signed_revision)
