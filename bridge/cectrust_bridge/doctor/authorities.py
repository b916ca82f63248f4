"""Did a root certificate come with the operating system, or did somebody add it (office CA, inspecting proxy)?"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from pathlib import Path

from .surroundings import Surroundings

VENDOR = "/usr/share/ca-certificates/mozilla"
"""Debian and Ubuntu: package ca-certificates."""
ADDED = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors")
"""Debian, Ubuntu; Fedora, RHEL."""
PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
MAX_FILE = 1 << 20


def came_with_system(around: Surroundings, root: bytes) -> bool:
    """By the vendor's own folder where there is one; else nobody must have added it."""
    own = around.settings().network.ca_file
    if own is not None and root in in_file(own):
        return False
    if around.at(VENDOR).is_dir():
        return root in _certificates(around, VENDOR)
    return not any(root in _certificates(around, folder) for folder in ADDED)


def _certificates(around: Surroundings, folder: str) -> Iterator[bytes]:
    for path in around.at(folder).rglob("*"):
        if path.suffix in (".crt", ".pem") and path.is_file():
            yield from in_file(path)


def in_file(path: Path) -> Iterator[bytes]:
    """DER of each PEM block in the file; OSError."""
    text = path.read_bytes()[:MAX_FILE].decode("ascii", "replace")
    for block in PEM.findall(text):
        try:
            yield ssl.PEM_cert_to_DER_cert(block)
        except ValueError:
            continue
