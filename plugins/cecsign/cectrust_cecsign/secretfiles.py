"""PIN and key files: readable by their owner only, never logged."""

import os
from pathlib import Path

from cectrust_cecsign.errors import SecretFileRefused


def read_pin(path: Path) -> str:
    """The first line of a PIN file. Raises `SecretFileRefused` if it is missing, empty or open to others."""
    lines = read_secret(path).decode("utf-8").splitlines()
    if not lines or not lines[0]:
        raise SecretFileRefused(detail=f"{path}: empty")
    return lines[0]


def read_secret(path: Path) -> bytes:
    """The bytes of a file that only its owner can read; `SecretFileRefused` otherwise."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise SecretFileRefused(detail=f"{path}: readable by others")
            return file.read()
    except OSError as error:
        raise SecretFileRefused(detail=f"{path}: {error.strerror}") from error


def write_secret(path: Path, data: bytes) -> None:
    """Create ``path`` with mode 0600 and sync it to disk; raises `FileExistsError` rather than overwrite a key."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
