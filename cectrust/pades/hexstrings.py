"""Signature values are hex strings of 16,000 digits; the library reads them digit by digit, several times.

`install` puts a reader in front that takes plain hex in one go and hands everything else (spaces, comments,
odd or foreign digits, a missing end) to the library's own, from the same position. The library is pinned, the
equality of both is tested; if the name it replaces were gone, import fails at once.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO

from pyhanko.pdf_utils import generic

_BLOCK = 1 << 16
_PLAIN = re.compile(rb"<((?:[0-9A-Fa-f]{2})*)>")
_original = generic.read_hex_string_from_stream


def read_hex_string(stream: BinaryIO) -> Any:
    """Read the hex string that starts at the stream's position, as the library does (ISO 32000-2, 7.3.4.3)."""
    start = stream.tell()
    found = _PLAIN.match(stream.read(_BLOCK))
    if found is None:
        stream.seek(start)
        return _original(stream)
    stream.seek(start + found.end())
    return generic.pdf_string(bytes.fromhex(found.group(1).decode()))


def install() -> None:
    """Make the library use `read_hex_string`."""
    generic.read_hex_string_from_stream = read_hex_string
