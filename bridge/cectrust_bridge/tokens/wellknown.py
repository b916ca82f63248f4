"""Where vendors put their PKCS#11 modules. Only absolute paths that an administrator alone can write.

Sources: SafeNet Authentication Client 10 (Thales), administrator guide, "PKCS#11 library" per platform;
SoftHSM 2 (OpenDNSSEC) and OpenSC: `dpkg -L libsofthsm2 opensc-pkcs11`, Fedora packages of the same names,
the OpenSC installers for Windows and macOS, and Homebrew's prefix for SoftHSM.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .kinds import StoreSetting

SAFENET, OPENSC, SOFTHSM = "SafeNet eToken", "OpenSC", "SoftHSM2"
WELL_KNOWN: Mapping[str, Sequence[tuple[str, str]]] = {
    "linux": (
        (SAFENET, "/usr/lib/libeToken.so"),
        (SAFENET, "/usr/lib64/libeToken.so"),
        (SAFENET, "/usr/lib/libeTPkcs11.so"),
        (SAFENET, "/usr/lib64/libeTPkcs11.so"),
        (OPENSC, "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"),
        (OPENSC, "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so"),
        (OPENSC, "/usr/lib64/opensc-pkcs11.so"),
        (OPENSC, "/usr/lib64/pkcs11/opensc-pkcs11.so"),
        (SOFTHSM, "/usr/lib/softhsm/libsofthsm2.so"),
        (SOFTHSM, "/usr/lib64/softhsm/libsofthsm2.so"),
        (SOFTHSM, "/usr/lib64/pkcs11/libsofthsm2.so"),
    ),
    "win32": (
        (SAFENET, r"C:\Windows\System32\eTPKCS11.dll"),
        (OPENSC, r"C:\Program Files\OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll"),
        (SOFTHSM, r"C:\Program Files\SoftHSM2\lib\softhsm2-x64.dll"),
        (SOFTHSM, r"C:\SoftHSM2\lib\softhsm2-x64.dll"),
    ),
    "darwin": (
        (SAFENET, "/usr/local/lib/libeTPkcs11.dylib"),
        (OPENSC, "/Library/OpenSC/lib/opensc-pkcs11.so"),
        (SOFTHSM, "/opt/homebrew/lib/softhsm/libsofthsm2.so"),
        (SOFTHSM, "/usr/local/lib/softhsm/libsofthsm2.so"),
    ),
}
"""Name and path by `sys.platform`, a vendor's own before OpenSC, which may drive the same token."""


def present() -> list[StoreSetting]:
    """Well-known modules on this computer: the first of each name, no file twice."""
    return list(_first_of_each())


def _first_of_each() -> Iterator[StoreSetting]:
    seen: set[str] = set()
    for name, path in WELL_KNOWN.get(sys.platform, ()):
        if name not in seen and Path(path).is_file():
            seen.add(name)
            yield StoreSetting(name, Path(path).resolve())
