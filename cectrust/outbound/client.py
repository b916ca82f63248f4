"""HTTP to the outside, against addresses that were judged (SSRF, OWASP) and partners that may be hostile.

The name is resolved once and exactly those addresses are connected to, so a second answer of the resolver cannot
lead elsewhere. Redirects are handed back, not followed; the environment's proxies are not read; one deadline covers
name look-up, connection, TLS handshake, request and answer, because time-outs per read let a slow sender hold a worker
for ever.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from cectrust import __version__
from cectrust.outbound.address import Address, Destination, Resolve, addresses, destination, in_time, resolve
from cectrust.sdk.errors import Unavailable
from cectrust.sdk.protocols import HttpAnswer

SECONDS = 15.0


class HttpClient:
    """The product's only HTTP client (``cectrust.sdk.protocols.OutboundHttp``). Thread-safe; keeps no connection."""

    def __init__(
        self,
        allowed_hosts: frozenset[str] = frozenset(),
        *,
        seconds: float = SECONDS,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        """``allowed_hosts``: ``host:port`` pairs of the settings that may have addresses which are not global.
        ``seconds``: for one whole exchange. ``tls``: a context with other roots than the system's."""
        self._allowed = allowed_hosts
        self._seconds = seconds
        self._tls = tls or ssl.create_default_context()
        self._resolve = resolve

    def get(self, url: str, *, allowed_hosts: frozenset[str], limit: int = 10_000_000) -> HttpAnswer:
        """GET ``url``. Raises ``Unavailable`` (no whole answer within limits) or ``Forbidden`` (may not go there)."""
        return self._exchange("GET", url, None, {}, allowed_hosts, limit)

    def post(
        self,
        url: str,
        body: bytes,
        content_type: str,
        *,
        allowed_hosts: frozenset[str],
        limit: int = 1_000_000,
    ) -> HttpAnswer:
        """POST ``body``; errors as ``get``. Never sent twice: after a failure the caller decides."""
        return self._exchange("POST", url, body, {"Content-Type": content_type}, allowed_hosts, limit)

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], allowed: frozenset[str], limit: int
    ) -> HttpAnswer:
        goal = destination(url)
        deadline = time.monotonic() + self._seconds
        with _failures(goal):
            found = addresses(goal, self._allowed | allowed, in_time(self._resolve, self._seconds))
            with self._connected(goal, found, deadline) as connection:
                connection.request(method, goal.target, body, {**_standard_headers(goal), **headers})
                return _read(goal, connection.getresponse(), limit)

    @contextmanager
    def _connected(
        self, goal: Destination, found: list[Address], deadline: float
    ) -> Iterator[http.client.HTTPConnection]:
        """A connection that is cut off at the deadline, whatever it is doing then."""
        raw = _first_reachable(found, goal.port, deadline)
        with raw, _cut_off(raw, deadline) as cut:
            connection = http.client.HTTPConnection(goal.host, goal.port)
            with _lateness_named(cut, goal), self._secured(raw, goal) as connection.sock:
                yield connection

    def _secured(self, raw: socket.socket, goal: Destination) -> socket.socket:
        """SNI and certificate are those of the *name*, though an address was connected to (RFC 9110, 4.3.4)."""
        return self._tls.wrap_socket(raw, server_hostname=goal.host) if goal.secure else raw


@contextmanager
def _lateness_named(cut: threading.Event, goal: Destination) -> Iterator[None]:
    """Tell a connection that the deadline ended from one that the other side ended, were it without an error."""
    failure: Exception | None = None
    try:
        yield
    except (OSError, http.client.HTTPException, Unavailable) as error:
        failure = error
    if cut.is_set():
        raise _slow(goal) from failure
    if failure is not None:
        raise failure


@contextmanager
def _cut_off(raw: socket.socket, deadline: float) -> Iterator[threading.Event]:
    """Shut the connection down at ``deadline``; works on a duplicate, for TLS takes the original's descriptor."""
    cut, watched = threading.Event(), raw.dup()

    def shut_down() -> None:
        cut.set()
        with suppress(OSError):
            watched.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), shut_down)
    timer.daemon = True
    timer.start()
    try:
        yield cut
    finally:
        timer.cancel()
        timer.join()
        watched.close()


def _first_reachable(found: list[Address], port: int, deadline: float) -> socket.socket:
    failure = OSError("no address")
    for address in found:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((str(address), port), timeout=left)
        except OSError as error:
            failure = error
    raise failure


def _standard_headers(goal: Destination) -> dict[str, str]:
    return {
        "Host": goal.host_header,
        "User-Agent": f"CECTRUST/{__version__}",
        "Accept-Encoding": "identity",  # a compressed answer could be a bomb
        "Connection": "close",
    }


def _read(goal: Destination, response: http.client.HTTPResponse, limit: int) -> HttpAnswer:
    """The whole body; one that is longer than ``limit`` or shorter than announced is refused."""
    with response:
        body = response.read(limit + 1)
        if len(body) > limit:
            raise _unavailable(goal, "outbound_too_large", "応答が大きすぎます", f"answered more than {limit:,} bytes")
        if response.length:
            raise _unavailable(goal, "outbound_cut_short", "応答が途中で切れました", "answered less than announced")
        return HttpAnswer(response.status, response.headers.get_content_type(), body)


@contextmanager
def _failures(goal: Destination) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:  # the socket's own limit is the same deadline and may be noticed before the timer's
        raise _slow(goal) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _unavailable(goal, "outbound_failed", "応答がありませんでした", "did not answer", repr(error)) from error


def _slow(goal: Destination) -> Unavailable:
    return _unavailable(goal, "outbound_slow", "時間内に応答がありませんでした", "took too long")


def _unavailable(goal: Destination, code: str, ja: str, en: str, detail: str = "") -> Unavailable:
    return Unavailable(
        code,
        f"接続先 {goal.authority} は{ja}。しばらくしてからもう一度お試しください。",
        f"{goal.authority} {en}.",
        detail[:300],
    )
