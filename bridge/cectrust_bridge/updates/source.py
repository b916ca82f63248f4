"""Reads a manifest and its files from a folder or over verified TLS: bounded, no redirects, no proxy by surprise."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from ..pairing.http import Network, tls_context
from .errors import FileMismatch, Unreachable
from .manifest import ReleaseFile

MAX_MANIFEST = 1 << 16
TIMEOUT = 20.0
CHUNK = 1 << 20
LOOPBACK = ("localhost", "127.0.0.1", "::1")
FAILURES = (OSError, http.client.HTTPException, ValueError)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """None: a 3xx stays the error it is."""
        return


def _is_address(source: str) -> bool:
    return "://" in source


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Unreachable("https only")


def _opener(network: Network) -> urllib.request.OpenerDirector:
    proxies = {} if network.proxy is None else {"https": "http://{}:{}".format(*network.proxy)}
    secure = urllib.request.HTTPSHandler(context=tls_context(network))
    return urllib.request.build_opener(urllib.request.ProxyHandler(proxies), secure, _NoRedirect)


@contextmanager
def _open(source: str, network: Network) -> Iterator[IO[bytes]]:
    try:
        if _is_address(source):
            _check_address(source)
            with _opener(network).open(source, timeout=TIMEOUT) as answer:
                yield answer
        else:
            with Path(source).open("rb") as file:
                yield file
    except urllib.error.HTTPError as error:
        error.close()
        raise Unreachable(f"{source}: {error.code}") from error
    except FAILURES as error:
        raise Unreachable(f"{source}: {type(error).__name__}") from error


def read_manifest(source: str, network: Network) -> str:
    """The text at a path or address; Unreachable, also if it is longer than 64 KiB."""
    with _open(source, network) as stream:
        octets = stream.read(MAX_MANIFEST + 1)
    if len(octets) > MAX_MANIFEST:
        raise Unreachable("longer than a manifest")
    return octets.decode("ascii", "replace").strip()


def beside(source: str, name: str) -> str:
    """Where the file `name` of the manifest at `source` lies."""
    return urljoin(source, name) if _is_address(source) else str(Path(source).parent / name)


def check_file(file: ReleaseFile, path: Path) -> None:
    """FileMismatch unless the file at `path` has the size and digest of the manifest."""
    try:
        with path.open("rb") as stream:
            _compare(file, *_digest(stream, file.size, None))
    except OSError as error:
        raise Unreachable(str(path)) from error


def fetch(file: ReleaseFile, source: str, folder: Path, network: Network) -> Path:
    """Copy the file into `folder`; it gets its name only after its digest was compared (0600 until then)."""
    descriptor, partial = tempfile.mkstemp(dir=folder, prefix=".partial-")
    try:
        with os.fdopen(descriptor, "wb") as out, _open(beside(source, file.name), network) as stream:
            _compare(file, *_digest(stream, file.size, out))
        os.chmod(partial, 0o644)
        return Path(partial).replace(folder / file.name)
    finally:
        Path(partial).unlink(missing_ok=True)


def _digest(stream: IO[bytes], most: int, out: IO[bytes] | None) -> tuple[int, str]:
    """Octets read (at most one more than `most`) and their SHA-256."""
    digest, length = hashlib.sha256(), 0
    while chunk := stream.read(min(CHUNK, most + 1 - length)):
        digest.update(chunk)
        length += len(chunk)
        if out is not None:
            out.write(chunk)
    return length, digest.hexdigest()


def _compare(file: ReleaseFile, length: int, sha256: str) -> None:
    if (length, sha256) != (file.size, file.sha256):
        raise FileMismatch(file.name)
