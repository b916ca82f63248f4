"""Opening foreign PDF files through pyHanko so that only our own errors come out."""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from cectrust.pades.errors import DocumentRefused

CHUNK = 1 << 20

PARSE_FAILURES = (
    PdfError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    EOFError,
    zlib.error,
    struct.error,
)
"""What a hostile file makes the parser raise; `OSError` and `MemoryError` are not the file's fault."""


def unreadable(detail: str) -> DocumentRefused:
    """The file is a PDF by its header but can't be read."""
    return DocumentRefused(
        "pdf_broken",
        "PDFが壊れているか、規格に沿っていないため読み取れません。作成元で作り直してください。",
        "The PDF is damaged or breaks the standard; please produce it again.",
        detail,
    )


@contextmanager
def open_reader(path: Path) -> Iterator[PdfFileReader]:
    """Open a file strictly. Raises `DocumentRefused`, also for what the body of the `with` trips over."""
    with path.open("rb") as stream, _own_errors():
        yield PdfFileReader(stream, strict=True)


@contextmanager
def append_revision(source: Path, target: Path) -> Iterator[IncrementalPdfFileWriter]:
    """Copy `source` to `target` and hand out a writer that appends one revision there.

    The caller writes through `write_in_place`; `target` is removed when anything fails.
    """
    shutil.copyfile(source, target)
    with removed_on_failure(target), target.open("r+b") as stream, _own_errors():
        yield IncrementalPdfFileWriter(stream, strict=True)


@contextmanager
def removed_on_failure(target: Path) -> Iterator[None]:
    """Whatever goes wrong inside, no half-written `target` is left."""
    try:
        yield
    except BaseException:
        with suppress(PermissionError):  # a parser may remove nothing; whoever gave it the task does
            target.unlink(missing_ok=True)
        raise


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except PARSE_FAILURES as error:
        raise unreadable(f"{type(error).__name__}: {error}") from error


def hash_into(stream: BinaryIO, count: int, *hashers: object) -> None:
    """Feed the next `count` bytes of `stream` to every hasher. Raises `EOFError` when they aren't there."""
    while count:
        chunk = stream.read(min(CHUNK, count))
        if not chunk:
            raise EOFError("file ends early")
        for hasher in hashers:
            hasher.update(chunk)  # type: ignore[attr-defined]
        count -= len(chunk)


def file_size(stream: BinaryIO) -> int:
    """Length of an open file in bytes."""
    return os.fstat(stream.fileno()).st_size
