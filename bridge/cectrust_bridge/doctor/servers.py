"""Checks of paired servers: reached over verified TLS, the same as when they were paired, at the same time of day."""

from __future__ import annotations

import email.utils
import ssl
import time

from ..formats.certificates import readable
from ..pairing import http, messages
from ..pairing.errors import BridgeOutdated, CertificateRefused, NotCectrust, PairingError
from ..pairing.http import Answer, Network
from ..pairing.model import Pairing
from ..prompters.consent import readable_name
from ..service.ceremony import DESCRIPTION_PATH
from .authorities import came_with_system
from .finding import Finding, found
from .surroundings import Surroundings

CLOCK_GOOD, CLOCK_FATAL = 120, 86400
"""Seconds. Beyond a day the bridge refuses request keys (PROTOCOL.md section 4)."""
VERIFY_DATES, VERIFY_NAME = (9, 10), (62, 63, 64)
"""X509_V_ERR_CERT_NOT_YET_VALID, _CERT_HAS_EXPIRED; _HOSTNAME_, _EMAIL_ and _IP_ADDRESS_MISMATCH of OpenSSL."""
PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


def pairings(around: Surroundings) -> list[Finding]:
    """How many servers may make requests."""
    try:
        count = len(around.servers())
    except (PairingError, OSError) as error:
        return [found("pairing.broken", reason=_reason(error))]
    return [found("pairing.some", count=count) if count else found("pairing.none")]


def proxy(around: Surroundings) -> list[Finding]:
    """The environment's proxy is not used: who often needs one should know."""
    if around.settings().network.proxy is not None:
        return [found("proxy.set")]
    named = next((name for name in PROXY_VARIABLES if around.environment.get(name)), None)
    return [found("proxy.direct") if named is None else found("proxy.unused", variable=named)]


def reached(around: Surroundings) -> list[Finding]:
    """Each paired server in turn."""
    try:
        servers = around.servers()
    except (PairingError, OSError):
        return []  # `pairings` has said so
    network = around.settings().network
    return [finding for server in servers for finding in _server(around, server, network)]


def _server(around: Surroundings, server: Pairing, network: Network) -> list[Finding]:
    origin, before = server.origins[0], time.time()
    try:
        answer = http.look(origin, DESCRIPTION_PATH, network)
    except CertificateRefused as error:
        return [_refused(origin, error, network)]
    except NotCectrust as error:
        return [found("server.strange", origin=origin, reason=_reason(error))]
    except PairingError as error:
        return [found("server.unreachable", origin=origin, reason=_reason(error))]
    middle = (before + time.time()) / 2
    return [_transport(around, origin, answer), _identity(origin, server, answer), *_clock(answer, middle)]


def _identity(origin: str, server: Pairing, answer: Answer) -> Finding:
    try:
        same = messages.described(answer.body).identity == server.identity
    except (NotCectrust, BridgeOutdated) as error:
        return found("server.strange", origin=origin, reason=_reason(error))
    return found("server.same" if same else "server.other", origin=origin)


def _transport(around: Surroundings, origin: str, answer: Answer) -> Finding:
    if not answer.chain:
        return found("tls.loopback", origin=origin)
    root = answer.chain[-1]
    if came_with_system(around, root):
        return found("tls.trusted", origin=origin)
    return found("tls.private", origin=origin, issuer=_issuer(root))


def _refused(origin: str, error: CertificateRefused, network: Network) -> Finding:
    """Why OpenSSL did not believe the certificate; who made it is read from an unverified connection."""
    cause = error.__cause__
    code = cause.verify_code if isinstance(cause, ssl.SSLCertVerificationError) else 0
    if code in VERIFY_DATES:
        return found("tls.dates", origin=origin)
    if code in VERIFY_NAME:
        return found("tls.name", origin=origin)
    try:
        issuer = _issuer(http.presented(origin, network))
    except PairingError:
        issuer = "?"
    return found("tls.untrusted", origin=origin, issuer=issuer)


def _issuer(der: bytes) -> str:
    try:
        return readable_name(readable(der).issuer)[:200] or "?"
    except ValueError:
        return "?"


def _clock(answer: Answer, now: float) -> list[Finding]:
    """Against the Date header (RFC 9110 section 6.6.1), which is exact to a second."""
    try:
        served = email.utils.parsedate_to_datetime(answer.date).timestamp()
    except (ValueError, TypeError):
        return []
    away = round(abs(now - served))
    if away <= CLOCK_GOOD:
        return [found("clock.right", seconds=away)]
    return [found("clock.wrong" if away <= CLOCK_FATAL else "clock.far", seconds=away)]


def _reason(error: Exception) -> str:
    """A type or our own words; paths stay out."""
    return str(error)[:200] if isinstance(error, PairingError) else type(error).__name__
