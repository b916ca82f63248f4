"""The update manifest: a compact JWS (RFC 7515, ES256) by the publisher's offline key.

Claims exactly: `v` 1, `product`, `version`, `minimum`, `created`, `expires` (UNIX seconds), `files`, each exactly
`{"name", "platform", "size" (bytes), "sha256" (hex)}` and lying beside the manifest under its `name`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..formats import jose
from .errors import ManifestForged, NoFileForPlatform
from .version import Version

TYP = "cectrust-bridge-manifest+jws"
PRODUCT = "cectrust-bridge"
PLATFORMS = ("linux-amd64", "linux-arm64", "windows-amd64", "macos-amd64", "macos-arm64")
MAX_LIFE = 90 * 86400
MAX_FILE = 1 << 30
MAX_TIME = 1 << 53
CLAIMS = {"v", "product", "version", "minimum", "created", "expires", "files"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ReleaseFile:
    """One file of a release; `size` in bytes, `sha256` as hex."""

    name: str
    platform: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A verified manifest. Below `minimum` a bridge should not be used any more; times in UNIX seconds."""

    version: Version
    minimum: Version
    created: int
    expires: int
    files: tuple[ReleaseFile, ...]

    def file_for(self, platform: str) -> ReleaseFile:
        """The file of this platform, one of `PLATFORMS`; NoFileForPlatform."""
        found = next((each for each in self.files if each.platform == platform), None)
        if found is None:
            raise NoFileForPlatform(platform)
        return found


def verify(compact: str, key: jose.PublicKey) -> Manifest:
    """The manifest, if `key` signed it and all of it is in form; ManifestForged. Its age is looked at elsewhere."""
    try:
        token = jose.parse(compact, TYP)
        if token.header["kid"] != jose.thumbprint(key):
            raise ValueError("signed by another key")
        token.verify(key)
        return _manifest(token.claims)
    except ValueError as error:
        raise ManifestForged(str(error)) from error


def _manifest(claims: Mapping[str, Any]) -> Manifest:
    _exactly(claims, CLAIMS)
    if type(claims["v"]) is not int or (claims["v"], claims["product"]) != (1, PRODUCT):
        raise ValueError("another product or form")
    created, expires = _number(claims["created"], MAX_TIME), _number(claims["expires"], MAX_TIME)
    if not 0 < expires - created <= MAX_LIFE:
        raise ValueError("it lives longer than 90 days")
    version, minimum = Version.parse(claims["version"]), Version.parse(claims["minimum"])
    if minimum > version:
        raise ValueError("the minimum is above the version")
    return Manifest(version, minimum, created, expires, _files(claims["files"]))


def _files(entries: object) -> tuple[ReleaseFile, ...]:
    if not isinstance(entries, list) or not 1 <= len(entries) <= len(PLATFORMS):
        raise ValueError("files is a list of one to five")
    files = tuple(_file(entry) for entry in entries)
    if len({each.platform for each in files}) != len(files) or len({each.name for each in files}) != len(files):
        raise ValueError("a platform or a name appears twice")
    return files


def _file(entry: object) -> ReleaseFile:
    if not isinstance(entry, dict):
        raise ValueError("a file is an object")
    _exactly(entry, {"name", "platform", "size", "sha256"})
    name, digest = _matching(entry["name"], NAME), _matching(entry["sha256"], SHA256)
    if entry["platform"] not in PLATFORMS:
        raise ValueError("an unknown platform")
    return ReleaseFile(name, entry["platform"], _number(entry["size"], MAX_FILE), digest)


def _exactly(members: Mapping[str, Any], names: set[str]) -> None:
    if set(members) != names:
        raise ValueError(f"exactly {', '.join(sorted(names))}")


def _matching(value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise ValueError("a name or digest is not in form")
    return value


def _number(value: object, most: int) -> int:
    if type(value) is not int or not 0 < value <= most:
        raise ValueError("a number is out of range")
    return value
