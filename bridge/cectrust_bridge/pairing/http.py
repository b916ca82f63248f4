"""HTTPS to a server that is being paired or left: verified, bounded, direct, and never redirected (PROTOCOL.md 3.4)."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import truststore

from ..formats import strictjson
from .errors import REFUSALS, AddressRefused, CertificateRefused, NotCectrust, PairingError, ServerUnreachable
from .model import DEFAULT_PORTS, is_origin

MAX_ANSWER = 65536
STEP_SECONDS, ALL_SECONDS = 10.0, 20.0
"""For one read or write, and for everything after the connection stands: a server cannot drip for ever."""


@dataclass(frozen=True)
class Network:
    """`[network]` of config.toml: an authority beside the system's, and a proxy; the environment counts for nothing."""

    ca_file: Path | None = None
    proxy: tuple[str, int] | None = None


@dataclass(frozen=True)
class Answer:
    """What came back. `date`: its header, empty if there is none; `chain`: DER, leaf to root, empty without TLS."""

    status: int
    body: bytes
    date: str = ""
    chain: tuple[bytes, ...] = ()


def origin_of(address: str) -> str:
    """The origin of what a person typed or pasted; a missing scheme is https, a path is dropped. AddressRefused."""
    text = unicodedata.normalize("NFKC", address).strip()
    text = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(text)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError as error:
        raise AddressRefused from error
    usual = port in (None, DEFAULT_PORTS.get(parts.scheme))
    origin = f"{parts.scheme}://{host}" + ("" if usual else f":{port}")
    if "@" in parts.netloc or not is_origin(origin):
        raise AddressRefused
    return origin


def get(origin: str, path: str, network: Network) -> bytes:
    """The body of a 200 answer in JSON. Raises PairingError."""
    return look(origin, path, network).body


def look(origin: str, path: str, network: Network) -> Answer:
    """As `get`, with what the transport showed."""
    answer = _exchange(origin, "GET", path, None, network)
    if (status := answer.status) != 200:
        raise ServerUnreachable(f"status {status}") if status >= 500 else NotCectrust(f"status {status}")
    return answer


def presented(origin: str, network: Network) -> bytes:
    """The certificate (DER) that whatever answers at `origin` presents, **unverified**: to be named, never believed.

    Nothing is sent. Raises PairingError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with _errors(), _Connection(origin, network, context) as connection:
        connection.connect()
        return _chain(connection.sock)[0]


def post(origin: str, path: str, message: Mapping[str, Any], network: Network) -> bytes:
    """Post JSON; the body of a 200 or 201 answer. Raises PairingError, by the code of the server's refusal."""
    answer = _exchange(origin, "POST", path, json.dumps(message, ensure_ascii=False).encode(), network)
    if answer.status not in (200, 201):
        raise _refusal(answer.status, answer.body)
    return answer.body


def _refusal(status: int, body: bytes) -> PairingError:
    try:
        code = strictjson.parse(body)["code"]
        return REFUSALS[code]()
    except (ValueError, LookupError, TypeError):
        return ServerUnreachable(f"status {status}") if status >= 500 else NotCectrust(f"status {status}")


def _exchange(origin: str, method: str, path: str, body: bytes | None, network: Network) -> Answer:
    headers = {"Accept": "application/json", "Content-Type": "application/json", "Connection": "close"}
    with _errors(), _Connection(origin, network) as connection:
        connection.request(method, path, body, headers if body is not None else {"Accept": "application/json"})
        chain = _chain(connection.sock)
        with connection.getresponse() as answer:
            octets = answer.read(MAX_ANSWER + 1)
        if 300 <= answer.status < 400:
            raise NotCectrust("a redirection")
        if len(octets) > MAX_ANSWER or answer.headers.get_content_type() != "application/json":
            raise ServerUnreachable(f"status {answer.status}") if answer.status >= 500 else NotCectrust("not JSON")
        return Answer(answer.status, octets, answer.headers.get("Date", ""), chain)


def _chain(connected: Any) -> tuple[bytes, ...]:
    """The verified chain where this Python tells it (public since 3.13), else the leaf alone."""
    if not isinstance(connected, ssl.SSLSocket):
        return ()
    verified: Any = getattr(getattr(connected, "_sslobj", None), "get_verified_chain", list)() or ()
    chain = tuple(ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in verified)
    return chain or (connected.getpeercert(binary_form=True) or b"",)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise CertificateRefused(error.verify_message) from error
    except http.client.HTTPException as error:
        raise NotCectrust(type(error).__name__) from error
    except OSError as error:  # timeouts, names, refusals, other TLS failures
        raise ServerUnreachable(type(error).__name__) from error


class _Connection(http.client.HTTPConnection):
    """Plain or TLS, by the origin; it ends itself when its time is over."""

    def __init__(self, origin: str, network: Network, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(origin)
        self._secure, self._name = parts.scheme == "https", parts.hostname or ""
        self._context = (context or tls_context(network)) if self._secure else None
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        self._ending: threading.Timer | None = None
        self.default_port = DEFAULT_PORTS[parts.scheme]
        if network.proxy is None or not self._secure:
            super().__init__(self._name, port, timeout=STEP_SECONDS)
        else:
            super().__init__(*network.proxy, timeout=STEP_SECONDS)
            self.set_tunnel(self._name, port)

    def connect(self) -> None:
        """TCP (and the proxy's tunnel), then the clock starts, then TLS."""
        super().connect()
        self._watch = self.sock.dup()
        self._ending = threading.Timer(ALL_SECONDS, self._end)
        self._ending.start()
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self._name)

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._watch.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the clock, too. Not in `close`, which the library calls as soon as it has the head of an answer."""
        self.close()
        if self._ending is not None:
            self._ending.cancel()
            self._ending.join()
            self._watch.close()


def tls_context(network: Network) -> ssl.SSLContext:
    """The operating system's own trust (its store on Linux, CryptoAPI, Security framework), names checked, TLS 1.2."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if network.ca_file is not None:
        context.load_verify_locations(str(network.ca_file))
    return context


def _ascii(host: str) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.encode("idna").decode() if host else ""
    return f"[{host}]" if ":" in host else host
