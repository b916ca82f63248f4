"""Where a URL leads, and whether a request may go there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from cectrust.sdk.errors import Forbidden, Unavailable

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[Address]]
"""Host name and port to addresses. Raises ``OSError`` for an unknown name."""

PORTS = {"http": 80, "https": 443}
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"))
"""NAT64 (RFC 6052, RFC 8215) and 6to4 (RFC 3056): an IPv4 address, perhaps a private one, in IPv6 clothes."""


@dataclass(frozen=True)
class Destination:
    """A checked URL, taken apart."""

    secure: bool
    host: str
    port: int
    target: str
    """Path and query, as they go onto the request line (RFC 9112, 3.2.1)."""

    @property
    def authority(self) -> str:
        """``host:port``, the port always there, an IPv6 address in brackets."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def host_header(self) -> str:
        """RFC 9110, 7.2: the scheme's own port is left out."""
        default = PORTS["https" if self.secure else "http"]
        return _bracketed(self.host) if self.port == default else self.authority


def destination(url: str) -> Destination:
    """Take ``url`` apart. Raises ``Forbidden`` for anything but plain http or https to a named host."""
    parts, port = _split(url)
    if not parts.hostname or parts.username is not None or parts.password is not None or port == 0:
        raise _bad_url(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme == "https", parts.hostname, port or PORTS[parts.scheme], target)


def authority(url: str) -> str:
    """The ``host:port`` of ``url`` as allow-lists write it. Raises ``Forbidden`` as ``destination``."""
    return destination(url).authority


def resolve(host: str, port: int) -> list[Address]:
    """Ask the system's resolver once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def in_time(ask: Resolve, seconds: float) -> Resolve:
    """``ask``, but no longer than so: the system's resolver has time-outs of its own and can't be interrupted.

    Raises ``TimeoutError``; the thread that still asks ends with the resolver's patience, or with the process.
    """

    def bounded(host: str, port: int) -> list[Address]:
        asked: Future[list[Address]] = Future()
        threading.Thread(target=_settle, args=(asked, ask, host, port), name="resolve", daemon=True).start()
        return asked.result(max(0.0, seconds))

    return bounded


def _settle(asked: Future[list[Address]], ask: Resolve, host: str, port: int) -> None:
    try:
        asked.set_result(ask(host, port))
    except Exception as error:  # raised again where it was asked
        asked.set_exception(error)


def addresses(goal: Destination, allowed: frozenset[str], ask: Resolve) -> list[Address]:
    """Where ``goal`` may be reached; every address of its one answer was judged.

    Raises:
        Unavailable: the name is unknown.
        TimeoutError: of ``ask``.
        Forbidden: an address is not global and ``goal.authority`` is not in ``allowed``.
    """
    try:
        found = ask(goal.host, goal.port)
    except TimeoutError:
        raise
    except (OSError, ValueError) as error:
        raise _unknown_name(goal) from error
    if not found:
        raise _unknown_name(goal)
    if goal.authority not in allowed and not all(is_public(address) for address in found):
        raise Forbidden(
            "outbound_address",
            f"接続先 {goal.authority} は組織内部のアドレスのため、接続しません。必要な場合は設定で許可してください。",
            f"{goal.authority} has an address that is not global; a setting must name it.",
            ", ".join(map(str, found)),
        )
    return found


def is_public(address: Address) -> bool:
    """Whether ``address`` is one of a single host on the public Internet (IANA special-purpose registries)."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _split(url: str) -> tuple[SplitResult, int | None]:
    if not url.isascii() or any(c <= " " or c == "\x7f" or c == "\\" for c in url):
        raise _bad_url(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _bad_url(url) from error
    if parts.scheme not in PORTS:
        raise _bad_url(url)
    return parts, port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _bad_url(url: str) -> Forbidden:
    return Forbidden(
        "outbound_url",
        "接続先のアドレスが正しくないため、接続しません。",
        "Not an http or https address that may be fetched.",
        repr(url[:200]),
    )


def _unknown_name(goal: Destination) -> Unavailable:
    return Unavailable(
        "outbound_name",
        f"接続先 {goal.authority} が見つかりません。",
        f"The name of {goal.authority} cannot be resolved.",
    )
