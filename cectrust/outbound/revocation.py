"""Revocation data for certificates that already chain to a configured anchor.

Only hosts that the settings name for the issuing authority are asked. What comes back is handed on unjudged: the
signing engine verifies signatures, freshness and responder. A failure is no data, which makes a verdict
indeterminate and never good.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import crl, ocsp, x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from cryptography.x509.ocsp import OCSPRequestBuilder

from cectrust.outbound.address import authority
from cectrust.outbound.cache import AnswerCache
from cectrust.sdk.errors import CectrustError, Forbidden
from cectrust.sdk.protocols import CertificateProvider, Clock, HttpAnswer, OutboundHttp

FRESH_SECONDS = 60
"""How long an answer is used again: a revocation must count within a minute."""
CACHE_BYTES = 64_000_000
CRL_LIMIT = 10_000_000
OCSP_LIMIT = 100_000
ADDRESSES = 4
"""Addresses asked per certificate; one that names more is not helped by the rest."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RevocationSource:
    """DER certificates of authorities, and the ``host:port`` pairs that tell what they revoked."""

    authorities: tuple[bytes, ...]
    hosts: frozenset[str]


class RevocationFetcher:
    """OCSP responses and CRLs, bounded and cached. Thread-safe."""

    def __init__(
        self,
        http: OutboundHttp,
        providers: Iterable[CertificateProvider],
        clock: Clock,
        others: Sequence[RevocationSource] = (),
    ) -> None:
        """``others``: authorities that are no provider's, such as those of a TSA."""
        self._http = http
        self._providers, self._others = tuple(providers), tuple(others)
        self._cache = AnswerCache(clock, seconds=FRESH_SECONDS, limit=CACHE_BYTES)

    def ocsp(self, certificate_der: bytes, issuer_der: bytes) -> bytes | None:
        """DER ``OCSPResponse`` of status *successful* (RFC 6960, 4.2.1), or ``None``."""
        certificate = _parsed(certificate_der)
        question, hosts = _ocsp_request(certificate_der, issuer_der), self._hosts(certificate)

        def ask(url: str) -> HttpAnswer:
            kind = "application/ocsp-request"
            return self._http.post(url, question, kind, allowed_hosts=hosts, limit=OCSP_LIMIT)

        return next(self._answers(_permitted(certificate.ocsp_urls, hosts), question, ask, _is_successful), None)

    def crls(self, certificate_der: bytes) -> list[bytes]:
        """DER CRLs (RFC 5280, 5) that the certificate's distribution points lead to; empty if none came."""
        certificate = _parsed(certificate_der)
        hosts = self._hosts(certificate)
        names = [url for point in certificate.crl_distribution_points for url in _addresses(point)]

        def ask(url: str) -> HttpAnswer:
            return self._http.get(url, allowed_hosts=hosts, limit=CRL_LIMIT)

        return list(self._answers(_permitted(names, hosts), b"", ask, _is_crl))

    def _hosts(self, certificate: x509.Certificate) -> frozenset[str]:
        """Those of every source that has an authority of the issuer's name and key."""
        # Asked each time: a provider whose CA is yet to be made has no anchors at start-up.
        sources = (*map(_source, self._providers), *self._others)
        matching = [source.hosts for source in sources if _issued(source, certificate)]
        return frozenset().union(*matching)

    def _answers(
        self, urls: Sequence[str], question: bytes, ask: Callable[[str], HttpAnswer], fits: Callable[[bytes], bool]
    ) -> Iterator[bytes]:
        for url in urls:
            answer = self._cache.get((url, question))
            if answer is None and (answer := _fetch(url, ask, fits)) is not None:
                self._cache.put((url, question), answer)
            if answer is not None:
                yield answer


def _fetch(url: str, ask: Callable[[str], HttpAnswer], fits: Callable[[bytes], bool]) -> bytes | None:
    try:
        answer = ask(url)
    except CectrustError as error:
        log.warning("no revocation data from %s: %s", url, error.code)
        return None
    if answer.status == 200 and fits(answer.body):
        return answer.body
    log.warning("unusable revocation data from %s: status %d, %d bytes", url, answer.status, len(answer.body))
    return None


@lru_cache(maxsize=256)
def _parsed(certificate_der: bytes) -> x509.Certificate:
    """Kept, because comparing names (RFC 5280, 7.1) costs milliseconds once and nothing again."""
    return x509.Certificate.load(certificate_der)


def _source(provider: CertificateProvider) -> RevocationSource:
    return RevocationSource((*provider.anchors(), *provider.intermediates()), provider.revocation_hosts())


def _issued(source: RevocationSource, certificate: x509.Certificate) -> bool:
    """By name and, where both tell it, by key identifier (RFC 5280, 4.2.1.1)."""
    for authority_der in source.authorities:
        candidate = _parsed(authority_der)
        keys = {candidate.key_identifier, certificate.authority_key_identifier} - {None}
        if candidate.subject == certificate.issuer and len(keys) < 2:
            return True
    return False


def _permitted(urls: Sequence[str], hosts: frozenset[str]) -> list[str]:
    return [url for url in dict.fromkeys(urls) if _leads_to(url, hosts)][:ADDRESSES]


def _leads_to(url: str, hosts: frozenset[str]) -> bool:
    try:
        return authority(url) in hosts
    except Forbidden:  # LDAP, which is not fetched yet, and nonsense
        return False


def _addresses(point: x509.DistributionPoint) -> list[str]:
    if point["distribution_point"].name != "full_name":
        return []
    names = point["distribution_point"].chosen
    return [name.native for name in names if name.name == "uniform_resource_identifier"]


def _ocsp_request(certificate_der: bytes, issuer_der: bytes) -> bytes:
    """Without a nonce, for answers may be pre-signed. SHA-1 only names the issuer here; RFC 5019, 2.1.1 asks for it."""
    certificate, issuer = load_der_x509_certificate(certificate_der), load_der_x509_certificate(issuer_der)
    request = OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1()).build()  # noqa: S303
    return request.public_bytes(Encoding.DER)


def _is_successful(body: bytes) -> bool:
    try:
        return bool(ocsp.OCSPResponse.load(body, strict=True)["response_status"].native == "successful")
    except (ValueError, TypeError):
        return False


def _is_crl(body: bytes) -> bool:
    try:
        return crl.CertificateList.load(body, strict=True)["tbs_cert_list"]["issuer"] is not None
    except (ValueError, TypeError):
        return False
