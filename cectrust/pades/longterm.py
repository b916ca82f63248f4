"""Long-term proof: validation data and archive timestamp inside the file (PAdES B-LTA).

Reading and writing the file (`survey`, `stamp`) opens no connection and takes and gives plain values, so that both
run in parser workers; what must come from outside is had by `extend_to_lta` between them.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from asn1crypto import cms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import InsufficientRevinfoError, PathBuildingError, PathValidationError
from pyhanko_certvalidator.path import ValidationPath

from cectrust.pades.documents import CHUNK, append_revision, open_reader, removed_on_failure
from cectrust.pades.errors import LongTermFailed, revocation_unknown
from cectrust.pades.fetching import FetchedRevocation, Recorder, RevocationNeed, fetch
from cectrust.pades.model import TrustStore
from cectrust.pades.protocols import RevocationSource, Timestamper
from cectrust.pades.timestamps import Placeholder, request_token
from cectrust.pades.trust import REVOCATION_POLICY, RevocationData, certificates, find_path, gather
from cectrust.pades.unproven import Token, one_a_signer, settled_revisions, unproven

_DIGEST = "sha256"
_TOKENS = 4
"""Tokens of which one authority's units may each have another certificate before we give up."""
_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")

P = ParamSpec("P")
T = TypeVar("T")


class Run(Protocol):
    """Calls a function of this module, here or in a worker."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


@dataclass(frozen=True, slots=True)
class Survey:
    """What the proof lacks.

    `settled` are the revisions that an earlier archive timestamp protects. `dated`: whether there is a token whose
    size a new one can be expected to have.
    """

    needs: tuple[RevocationNeed, ...]
    settled: tuple[int, ...]
    dated: bool


@dataclass(frozen=True, slots=True)
class PreparedStamp:
    """A file that waits for the token over `digest` in `reserved_start:reserved_end`, delimiters included.

    `proven` are the DER certificates of all signers whose chain and revocation data was had for this revision.
    """

    digest: bytes
    reserved_start: int
    reserved_end: int
    proven: tuple[bytes, ...]


def here(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """A `Run` in this very process."""
    return function(*args, **kwargs)


def extend_to_lta(
    source: Path,
    target: Path,
    trust: TrustStore,
    revocation: RevocationSource,
    timestamper: Timestamper,
    run: Run = here,
    at: datetime | None = None,
) -> None:
    """Write `source` plus DSS and document timestamp to `target` (ETSI EN 319 142-1 section 5.4, 5.5).

    Both lie in one revision, so the timestamp also proves when the revocation data existed. Only what no earlier
    document timestamp protects must be good at `at` (aware, by default now), and the newest of these itself; the
    rest passes on data of its own (T14, T15; decision 083). The authority's certificate is expected to be that of the
    file's newest timestamp; should another unit of it answer, the revision is made again with that one's data too.
    Raises `LongTermFailed` when a signature doesn't chain to an anchor, `Unavailable` when revocation data is missing.
    """
    with removed_on_failure(target):
        _extend(source, target, trust, _Authorities(revocation, timestamper), run, at)


@dataclass(frozen=True)
class _Authorities:
    """Whoever is asked for anything."""

    revocation: RevocationSource
    timestamper: Timestamper


def _extend(source: Path, target: Path, trust: TrustStore, asked: _Authorities, run: Run, at: datetime | None) -> None:
    known: tuple[bytes, ...] = ()
    for _ in range(_TOKENS):
        found = run(survey, source, trust, known, at)
        if not found.dated:  # only if the file has no timestamp yet
            known = (request_token(asked.timestamper, hashlib.sha256(b"").digest(), _DIGEST).dump(),)
            continue
        fetched = fetch(found.needs, asked.revocation)
        prepared = run(stamp, source, target, trust, fetched, known, found.settled, at)
        token = request_token(asked.timestamper, prepared.digest, _DIGEST)
        if extract_certs_for_validation(token["content"]).signer_cert.dump() in prepared.proven:
            _fill(target, prepared, token)
            return
        known = (*known, token.dump())
    raise _failed(
        "authority_changes",
        "時刻認証局の電子証明書が応答のたびに変わるため、長期保管の処理ができません。",
        "The time-stamping authority answers with another certificate each time.",
    )


def survey(source: Path, trust: TrustStore, known: tuple[bytes, ...], at: datetime | None) -> Survey:
    """List what is needed to prove every signature and timestamp of the file, and the `known` tokens (DER)."""
    with open_reader(source) as reader:
        settled = asyncio.run(settled_revisions(reader, trust, at or datetime.now(UTC)))
        tokens = unproven(reader, settled, known)
        needs = asyncio.run(_needs(tokens, trust, at))
    return Survey(needs, settled, any(token.is_time for token in tokens))


async def _needs(tokens: list[Token], trust: TrustStore, at: datetime | None) -> tuple[RevocationNeed, ...]:
    recorder = Recorder()
    for token in one_a_signer(tokens):
        path = await find_path(token.leaf, token.others(trust), token.anchors(trust), at)
        if path is None:
            raise _failed(
                "untrusted",
                "電子証明書の発行元を信頼できる認証局まで確認できません。",
                "The certificate doesn't chain to a configured anchor.",
            )
        gather(path, recorder, RevocationData())
    return tuple(recorder.needs.values())


def stamp(
    source: Path,
    target: Path,
    trust: TrustStore,
    fetched: FetchedRevocation,
    known: tuple[bytes, ...],
    settled: tuple[int, ...],
    at: datetime | None,
) -> PreparedStamp:
    """Write `source` plus DSS and a document timestamp that still lacks its token to `target`."""
    with append_revision(source, target) as writer:
        tokens = unproven(writer.prev, settled, known)
        placeholder, proven = asyncio.run(_stamp(writer, tokens, trust, _parsed(fetched), at))
    start, end = _reserved(target, source.stat().st_size)
    return PreparedStamp(placeholder.digest, start, end, proven)


async def _stamp(
    writer: IncrementalPdfFileWriter, tokens: list[Token], trust: TrustStore, data: RevocationData, at: datetime | None
) -> tuple[Placeholder, tuple[bytes, ...]]:
    signers = list(one_a_signer(tokens))
    paths = [await _validated(one, trust, data, at) for one in signers]
    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, paths=paths, ocsps=list(data.ocsps.values()), crls=list(data.crls.values()), embed_roots=False
    )
    placeholder = Placeholder([token for token in tokens if token.is_time][-1].signed_data, _DIGEST)
    await PdfTimeStamper(placeholder).async_timestamp_pdf(writer, _DIGEST, in_place=True, chunk_size=CHUNK)
    return placeholder, tuple(one.leaf.dump() for one in signers)


def _reserved(target: Path, behind: int) -> tuple[int, int]:
    """Where the token belongs: the gap of the byte range that was just written."""
    with target.open("rb") as stream:
        stream.seek(behind)
        *_, newest = _BYTE_RANGE.finditer(stream.read())
    return int(newest[2]), int(newest[3])


def _fill(target: Path, prepared: PreparedStamp, token: cms.ContentInfo) -> None:
    contents, room = token.dump().hex(), prepared.reserved_end - prepared.reserved_start - 2
    if len(contents) > room:
        raise _failed(
            "no_room",
            "タイムスタンプが予想より大きいため、長期保管の処理ができません。",
            "The token is larger than the place that was reserved for it.",
        )
    with target.open("r+b") as stream:
        stream.seek(prepared.reserved_start + 1)
        stream.write(contents.ljust(room, "0").encode())


def _parsed(fetched: FetchedRevocation) -> RevocationData:
    data = RevocationData()
    for _, response in fetched.responses:
        data.add_ocsp(response)
    for _, lists in fetched.lists:
        for crl in lists:
            data.add_crl(crl)
    return data


async def _validated(token: Token, trust: TrustStore, data: RevocationData, at: datetime | None) -> ValidationPath:
    """The same path again, now with revocation required: incomplete proof must not be sealed in."""
    others = token.others(trust)
    context = ValidationContext(
        trust_roots=certificates(token.anchors(trust)),
        other_certs=others,
        allow_fetching=False,
        ocsps=list(data.ocsps.values()),
        crls=list(data.crls.values()),
        revinfo_policy=REVOCATION_POLICY,
        moment=at,
    )
    try:
        validator = CertificateValidator(token.leaf, intermediate_certs=others, validation_context=context)
        return await validator.async_validate_path()
    except InsufficientRevinfoError as error:
        raise revocation_unknown(str(error)) from error
    except (PathBuildingError, PathValidationError) as error:
        raise _failed(
            "revocation_incomplete",
            "電子証明書が失効しているか、認証局の条件を満たしていません。",
            "The certificate is revoked or violates a constraint of its authority.",
            str(error),
        ) from error
    finally:
        await context.aclose()


def _failed(code: str, ja: str, en: str, detail: str = "") -> LongTermFailed:
    return LongTermFailed(code, ja, en, detail)
