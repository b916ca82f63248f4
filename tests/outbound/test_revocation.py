"""Revocation data comes from permitted hosts only, is remembered for a minute, and its absence is no error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from asn1crypto import crl, ocsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponderEncoding, OCSPResponseBuilder, load_der_ocsp_request

from cectrust.builtin.partner_toml import PartnerProvider, read_partner
from cectrust.outbound import HttpClient, RevocationFetcher
from cectrust.outbound.cache import AnswerCache
from cectrust.outbound.revocation import FRESH_SECONDS, RevocationSource
from tests.conftest import ChosenClock
from tests.support.partner_ca import PartnerCa, make_partner
from tests.support.wire import Exchange, WireServer, answer, serving

HOLDER = ec.generate_private_key(ec.SECP256R1()).public_key()


@dataclass
class Responder:
    """A partner CA's CRL and OCSP addresses; ``broken`` replaces every answer."""

    partner: PartnerCa | None = None
    broken: bytes | None = None
    certificates: dict[int, x509.Certificate] = field(default_factory=dict)

    def __call__(self, exchange: Exchange) -> None:
        body = self.broken
        if body is None:
            body = self.crl() if exchange.request.startswith(b"GET /issuing.crl ") else self.ocsp(exchange.body)
        answer(body)(exchange)

    def crl(self) -> bytes:
        assert self.partner is not None
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateRevocationListBuilder(self.partner.issuing.subject, now, now + dt.timedelta(days=1))
        return builder.sign(self.partner.issuing_key, SHA256()).public_bytes(Encoding.DER)

    def ocsp(self, question: bytes) -> bytes:
        assert self.partner is not None
        serial = load_der_ocsp_request(question).serial_number
        now, issuing = dt.datetime.now(dt.UTC), self.partner.issuing
        builder = OCSPResponseBuilder().responder_id(OCSPResponderEncoding.HASH, issuing)
        builder = builder.add_response(
            self.certificates[serial],
            issuing,
            SHA256(),
            OCSPCertStatus.GOOD,
            now,
            now + dt.timedelta(days=1),
            None,
            None,
        )
        return builder.sign(self.partner.issuing_key, SHA256()).public_bytes(Encoding.DER)


@dataclass(frozen=True)
class Scene:
    server: WireServer
    responder: Responder
    provider: PartnerProvider
    issuer: bytes
    certificate: bytes

    def fetcher(self, clock: ChosenClock) -> RevocationFetcher:
        return RevocationFetcher(HttpClient(), [self.provider], clock)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    responder = Responder()
    with serving(responder) as server:
        partner = responder.partner = make_partner(tmp_path, f"127.0.0.1:{server.port}")
        certificate = partner.issue(HOLDER)
        responder.certificates[certificate.serial_number] = certificate
        ders = [one.public_bytes(Encoding.DER) for one in (partner.issuing, certificate)]
        yield Scene(server, responder, read_partner(partner.description), *ders)


def test_an_ocsp_response_for_the_very_certificate_comes_back(scene: Scene, clock: ChosenClock) -> None:
    got = scene.fetcher(clock).ocsp(scene.certificate, scene.issuer)
    assert got is not None
    response = ocsp.OCSPResponse.load(got)
    (single,) = response.basic_ocsp_response["tbs_response_data"]["responses"]
    assert single["cert_id"]["serial_number"].native in scene.responder.certificates
    assert single["cert_status"].name == "good"


def test_a_crl_of_the_issuer_comes_back(scene: Scene, clock: ChosenClock) -> None:
    (got,) = scene.fetcher(clock).crls(scene.certificate)
    assert crl.CertificateList.load(got).issuer.native["common_name"] == "試験用 提携発行局"


def test_an_answer_is_remembered_for_a_minute_and_no_longer(scene: Scene, clock: ChosenClock) -> None:
    fetcher = scene.fetcher(clock)
    for seconds, asked in ((0, 1), (FRESH_SECONDS - 1, 1), (1, 2)):
        clock.advance(seconds=seconds)
        assert fetcher.crls(scene.certificate)
        assert len(scene.server.requests) == asked


@pytest.mark.parametrize(
    "broken", [b"", b"<html>", b"\x30\x80\x00", b"\x30\x03\x0a\x01\x06", b"x" * 200_000], ids=lambda b: repr(b[:9])
)
def test_an_unusable_answer_is_no_data_and_is_not_remembered(scene: Scene, clock: ChosenClock, broken: bytes) -> None:
    fetcher = scene.fetcher(clock)
    scene.responder.broken = broken
    assert fetcher.ocsp(scene.certificate, scene.issuer) is None
    assert fetcher.crls(scene.certificate) == []
    scene.responder.broken = None
    assert fetcher.ocsp(scene.certificate, scene.issuer) is not None
    assert len(fetcher.crls(scene.certificate)) == 1


def test_a_host_that_the_provider_does_not_name_is_not_asked(scene: Scene, clock: ChosenClock) -> None:
    scene.provider.hosts = frozenset({"crl.partner.example:80"})
    fetcher = scene.fetcher(clock)
    assert fetcher.ocsp(scene.certificate, scene.issuer) is None
    assert fetcher.crls(scene.certificate) == []
    assert scene.server.requests == []


def test_an_issuer_that_nobody_vouches_for_is_not_asked(scene: Scene, clock: ChosenClock, tmp_path: Path) -> None:
    stranger = make_partner(tmp_path / "stranger", scene.responder.partner.host if scene.responder.partner else "")
    certificate = stranger.issue(HOLDER).public_bytes(Encoding.DER)
    assert scene.fetcher(clock).crls(certificate) == []  # the same name, another key
    assert scene.server.requests == []


def test_authorities_that_are_no_providers_are_asked_at_their_own_hosts(scene: Scene, clock: ChosenClock) -> None:
    time = RevocationSource((scene.issuer,), frozenset({f"127.0.0.1:{scene.server.port}"}))
    assert len(RevocationFetcher(HttpClient(), [], clock, [time]).crls(scene.certificate)) == 1


def test_the_memory_is_bounded_in_bytes(clock: ChosenClock) -> None:
    cache = AnswerCache(clock, seconds=60, limit=10)
    for name in ("a", "b", "c"):
        cache.put(name, b"12345")
    assert [cache.get(name) for name in ("a", "b", "c")] == [None, b"12345", b"12345"]
    cache.put("d", b"x" * 11)
    assert [cache.get(name) for name in ("b", "c", "d")] == [None, None, None]
