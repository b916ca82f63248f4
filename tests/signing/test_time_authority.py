"""Tokens are judged before they become part of a file: an authority that is wrong delays a signature (decision 080)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cectrust import pades
from cectrust.contracts.model import State
from cectrust.pades.model import TrustStore, ValidationReport
from cectrust.pades.protocols import Timestamper
from cectrust.sdk.errors import Unavailable
from cectrust.signing import service
from cectrust.signing.model import RequestState, SigningRequest
from tests.support.house import House
from tests.support.pki import Entity, LocalTimestamper, issue, now, rsa_key


@contextmanager
def stamped_by(home: House, timestamper: Timestamper) -> Iterator[None]:
    before = home.platform
    home.platform = dataclasses.replace(before, timestamper=timestamper)
    try:
        yield
    finally:
        home.platform = before


def foreign() -> Entity:
    root = issue("よそのTSAルート", rsa_key(2048, 20), None, ca=True)
    return issue("よそのTSA", rsa_key(2048, 21), root, tsa=True)


class _OtherBytes:
    """An authority that answers another question."""

    def __init__(self, right: LocalTimestamper) -> None:
        self._right = right

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        return self._right.timestamp(bytes(len(digest)), algorithm)


class _Turncoat:
    """One that is right when the signature is embedded, and of another root when the proof is sealed in."""

    def __init__(self, right: LocalTimestamper, wrong: LocalTimestamper) -> None:
        self._answers = iter((right, wrong))

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        return next(self._answers).timestamp(digest, algorithm)


def wrong(home: House, kind: str) -> Timestamper:
    right = LocalTimestamper(home.pki.tsa)
    return {
        "wrong root": lambda: LocalTimestamper(foreign()),
        "wrong root for the proof": lambda: _Turncoat(right, LocalTimestamper(foreign())),
        "other bytes": lambda: _OtherBytes(right),
        "ahead": lambda: LocalTimestamper(home.pki.tsa, now() + dt.timedelta(hours=1)),
    }[kind]()


def accepted(home: House) -> SigningRequest:
    return home.accept(home.sender, home.request(home.sender, home.register().id))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("wrong root", "timestamp_untrusted"),
        ("wrong root for the proof", "timestamp_untrusted"),
        ("other bytes", "timestamp_untrusted"),
        ("ahead", "timestamp_ahead"),
    ],
)
def test_a_token_that_would_not_pass_is_not_kept_and_the_signature_is_not_lost(
    home: House, kind: str, code: str
) -> None:
    request = accepted(home)
    with stamped_by(home, wrong(home, kind)), pytest.raises(Unavailable) as waiting:
        home.complete(request.id)
    assert waiting.value.code == code
    assert home.read(service.own_request, home.sender.actor, request.id).state is RequestState.ACCEPTED
    home.complete(request.id)
    assert home.contract(request.contract_id).state is State.SIGNED


def test_settings_without_an_anchor_for_time_delay_a_signature_too(home: House) -> None:
    request = accepted(home)
    before = home.platform
    home.platform = dataclasses.replace(before, tsa_anchors=())
    with pytest.raises(Unavailable):
        home.complete(request.id)
    home.platform = before
    home.complete(request.id)
    assert home.contract(request.contract_id).state is State.SIGNED


class _OneSecondAhead:
    def __init__(self, home: House) -> None:
        self._tsa = home.pki.tsa

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        ahead = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=0.9)
        return LocalTimestamper(self._tsa, ahead).timestamp(digest, algorithm)


class _Early:
    """The house's parsers, who judge by a clock that is slow."""

    def __init__(self, parsers: Any) -> None:
        self._parsers = parsers

    def validate(self, path: Path, trust: TrustStore) -> ValidationReport:
        return pades.validate(path, trust, at=now() - dt.timedelta(minutes=5))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parsers, name)


def test_an_authority_one_second_ahead_is_waited_for(home: House) -> None:
    request = accepted(home)
    before = home.platform
    home.platform = dataclasses.replace(before, timestamper=_OneSecondAhead(home), parsers=_Early(before.parsers))
    with pytest.raises(Unavailable) as waiting:
        home.complete(request.id)
    assert waiting.value.code == "timestamp_ahead"
    home.platform = before
    time.sleep(2)  # until our clock has caught up with the authority's
    home.complete(request.id)
    assert home.contract(request.contract_id).state is State.SIGNED
