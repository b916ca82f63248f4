"""For which kind of computer is a library? Read from its header: ELF, PE and Mach-O; nothing of it is run."""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass
from pathlib import Path

HEAD = 4096
ELF_MACHINES = {3: "x86", 62: "x86_64", 40: "arm", 183: "aarch64"}
"""e_machine of the System V ABI."""
PE_MACHINES = {0x14C: "x86", 0x8664: "x86_64", 0x1C4: "arm", 0xAA64: "aarch64"}
"""IMAGE_FILE_HEADER.Machine of the PE format."""
MACHO_CPUS = {7: "x86", 0x01000007: "x86_64", 12: "arm", 0x0100000C: "aarch64"}
"""cputype of <mach/machine.h>."""
FAT_LIMIT = 20


@dataclass(frozen=True)
class Binary:
    """What a library was built for; several `machines` in a fat Mach-O file."""

    bits: int
    machines: tuple[str, ...]


class NotALibrary(ValueError):
    """The file has none of the known headers."""


def read(path: Path) -> Binary:
    """The header of the file; NotALibrary, OSError."""
    with path.open("rb") as file:
        return parse(file.read(HEAD))


def parse(head: bytes) -> Binary:
    """The first octets of a library. NotALibrary for everything else, cut or crooked headers included."""
    try:
        if head.startswith(b"\x7fELF"):
            return _elf(head)
        if head.startswith(b"MZ"):
            return _pe(head)
        return _macho(head)
    except (struct.error, IndexError, KeyError) as error:
        raise NotALibrary from error


def of_this_process() -> Binary:
    """What a module must be."""
    import platform

    machine = platform.machine().lower()
    names = {"amd64": "x86_64", "arm64": "aarch64", "i386": "x86", "i686": "x86"}
    return Binary(64 if sys.maxsize > 1 << 32 else 32, (names.get(machine, machine),))


def _elf(head: bytes) -> Binary:
    bits = {1: 32, 2: 64}[head[4]]
    order = {1: "<", 2: ">"}[head[5]]
    [kind, machine] = struct.unpack_from(f"{order}HH", head, 16)
    if kind != 3:  # ET_DYN
        raise NotALibrary
    return Binary(bits, (ELF_MACHINES.get(machine, f"machine {machine}"),))


def _pe(head: bytes) -> Binary:
    [offset] = struct.unpack_from("<I", head, 0x3C)
    if head[offset : offset + 4] != b"PE\0\0":
        raise NotALibrary
    [machine] = struct.unpack_from("<H", head, offset + 4)
    [magic] = struct.unpack_from("<H", head, offset + 24)
    return Binary({0x10B: 32, 0x20B: 64}[magic], (PE_MACHINES.get(machine, f"machine {machine}"),))


def _macho(head: bytes) -> Binary:
    [magic] = struct.unpack_from(">I", head)
    if magic in (0xCAFEBABE, 0xCAFEBABF):
        return _fat(head, 20 if magic == 0xCAFEBABE else 32)
    order, bits = {
        0xFEEDFACE: (">", 32),
        0xFEEDFACF: (">", 64),
        0xCEFAEDFE: ("<", 32),
        0xCFFAEDFE: ("<", 64),
    }[magic]
    [cpu] = struct.unpack_from(f"{order}I", head, 4)
    return Binary(bits, (MACHO_CPUS.get(cpu, f"cpu {cpu}"),))


def _fat(head: bytes, stride: int) -> Binary:
    """A Java class file begins alike, but then has a version that no fat file's count reaches."""
    [count] = struct.unpack_from(">I", head, 4)
    if not 1 <= count <= FAT_LIMIT:
        raise NotALibrary
    cpus = [struct.unpack_from(">I", head, 8 + stride * index)[0] for index in range(count)]
    return Binary(
        64 if any(cpu >> 24 for cpu in cpus) else 32, tuple(MACHO_CPUS.get(cpu, f"cpu {cpu}") for cpu in cpus)
    )
