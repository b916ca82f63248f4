"""Who owns a loopback connection on macOS: the kernel's list of TCP sockets, which names each one's user.

`sysctl net.inet.tcp.pcblist_n` is what netstat(1) reads, needs no rights, and is one call; libproc would have to be
asked about every descriptor of every process. Layout: XNU, bsd/netinet/in_pcblist.c and in_pcb.h, bsd/sys/socketvar.h,
bsd/netinet/tcp_var.h (packed to 4 octets; each record says its own length, kind first, rounded up to 8).

UNTESTED ON THIS PLATFORM: `_list_of_sockets`. `owner` is tested on octets laid out as above. Whatever is not as
expected ends in None, and nobody is served.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator

HEAD = struct.Struct("<II")  # length, kind
SOCKET, INPCB, TCPCB = 0x001, 0x010, 0x020
LOOPBACK = bytes((127, 0, 0, 1))
IPV4 = 0x1
ESTABLISHED = 4
NAME = b"net.inet.tcp.pcblist_n"


def _records(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and octets of each record behind the list's head; a length that cannot be ends the list."""
    position = 0
    while position + HEAD.size <= len(octets):
        length, kind = HEAD.unpack_from(octets, position)
        if length < HEAD.size or position + length > len(octets):
            return
        if position:
            yield kind, octets[position : position + length]
        position += (length + 7) & ~7


def _is_between(inpcb: bytes, peer_port: int, own_port: int) -> bool:
    """struct xinpcb_n: is it the peer's end, local and foreign address both 127.0.0.1?"""
    if len(inpcb) < 80:
        return False
    foreign, local = struct.unpack_from(">HH", inpcb, 16)
    addresses = inpcb[60:64], inpcb[76:80]
    return (local, foreign) == (peer_port, own_port) and inpcb[44] & IPV4 != 0 and addresses == (LOOPBACK, LOOPBACK)


def _number(record: bytes, offset: int) -> int | None:
    return int(struct.unpack_from("<I", record, offset)[0]) if len(record) >= offset + 4 else None


def owner(octets: bytes, peer_port: int, own_port: int) -> int | None:
    """User id of the established loopback socket `peer_port` → `own_port`, None if there is none."""
    is_it, user = False, None
    for kind, record in _records(octets):
        if kind == INPCB:  # the first record of each socket
            is_it, user = _is_between(record, peer_port, own_port), None
        elif kind == SOCKET:
            user = _number(record, 64)  # so_uid
        elif kind == TCPCB and is_it and _number(record, 36) == ESTABLISHED:  # t_state
            return user
    return None


def _list_of_sockets() -> bytes:
    libc = ctypes.CDLL(None, use_errno=True)
    length = ctypes.c_size_t(0)
    if libc.sysctlbyname(NAME, None, ctypes.byref(length), None, ctypes.c_size_t(0)) != 0:
        return b""
    length.value += 65536  # sockets may be made between the two calls
    room = ctypes.create_string_buffer(length.value)
    if libc.sysctlbyname(NAME, room, ctypes.byref(length), None, ctypes.c_size_t(0)) != 0:
        return b""
    return room.raw[: length.value]


def same_user(peer: tuple[str, int], own: tuple[str, int]) -> bool:
    """Is the other end a socket of this process's user?"""
    return owner(_list_of_sockets(), peer[1], own[1]) == os.getuid()
