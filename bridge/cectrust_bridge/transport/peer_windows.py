"""Who owns a loopback connection on Windows: the process of the other end, and the user of that process.

`GetExtendedTcpTable` (iphlpapi, TCP_TABLE_OWNER_PID_ALL) names the process; `GetTokenInformation` (advapi32, TokenUser)
names its user by SID ([MS-DTYP] 2.4.2.2), which is compared with the SID of this process. A process whose token may not
be read, as those of other users, is somebody else's.

UNTESTED ON THIS PLATFORM: everything that calls the system. `owning_process` and `sid` are tested on octets laid out as
MIB_TCPTABLE_OWNER_PID and TOKEN_USER are. Whatever is not as expected ends in None, and nobody is served.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from contextlib import ExitStack
from typing import Any

AF_INET, OWNER_PID_ALL = 2, 5
ESTABLISHED = 5  # MIB_TCP_STATE_ESTAB
LOOPBACK = bytes((127, 0, 0, 1))
COUNT, ROW = struct.Struct("<I"), struct.Struct("<I4sI4sII")
INSUFFICIENT_BUFFER, TRIES = 122, 5
PROCESS_QUERY_LIMITED_INFORMATION, TOKEN_QUERY, TOKEN_USER = 0x1000, 0x0008, 1


def _port(field: int) -> int:
    """The low 16 bits in network byte order; what stands above them means nothing."""
    return socket.ntohs(field & 0xFFFF)


def owning_process(table: bytes, peer_port: int, own_port: int) -> int | None:
    """Process id of the established loopback socket `peer_port` → `own_port`, None if there is none."""
    if len(table) < COUNT.size:
        return None
    rows = min(COUNT.unpack_from(table)[0], (len(table) - COUNT.size) // ROW.size)
    for number in range(rows):
        state, local, lport, remote, rport, process = ROW.unpack_from(table, COUNT.size + number * ROW.size)
        ends = (local, _port(lport), remote, _port(rport))
        if state == ESTABLISHED and ends == (LOOPBACK, peer_port, LOOPBACK, own_port):
            return int(process)
    return None


def sid(octets: bytes, address: int, pointer: int) -> bytes | None:
    """The SID inside a TOKEN_USER that lies at `address`, pointers of `pointer` octets; None if it is not whole."""
    if len(octets) < pointer:
        return None
    start = int.from_bytes(octets[:pointer], "little") - address
    if not pointer <= start <= len(octets) - 8:
        return None
    end = start + 8 + 4 * octets[start + 1]  # revision, count, authority; one number for each of `count`
    return octets[start:end] if octets[start] == 1 and end <= len(octets) else None


def _library(name: str) -> Any:
    return ctypes.WinDLL(name, use_last_error=True)  # type: ignore[attr-defined,unused-ignore]


def _table() -> bytes:
    """The IPv4 table; empty if the system does not give it."""
    ask = _library("iphlpapi").GetExtendedTcpTable
    size = ctypes.c_ulong(0)
    for _ in range(TRIES):  # it may grow between two calls
        room = ctypes.create_string_buffer(size.value or 1)
        status = ask(room, ctypes.byref(size), 0, AF_INET, OWNER_PID_ALL, 0)
        if status == 0:
            return room.raw[: size.value]
        if status != INSUFFICIENT_BUFFER:
            return b""
    return b""


def _user_of(process: int) -> bytes | None:
    """The SID of a process's user, None if it may not be known."""
    kernel, advapi = _library("kernel32"), _library("advapi32")
    # Handles are pointers: without this the upper half of one would be lost.
    kernel.OpenProcess.restype = ctypes.c_void_p
    with ExitStack() as open_ones:
        handle, token = (
            ctypes.c_void_p(kernel.OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, process)),
            ctypes.c_void_p(),
        )
        if not handle:
            return None
        open_ones.callback(kernel.CloseHandle, handle)
        if not advapi.OpenProcessToken(handle, TOKEN_QUERY, ctypes.byref(token)):
            return None
        open_ones.callback(kernel.CloseHandle, token)
        room, got = ctypes.create_string_buffer(256), ctypes.c_ulong(0)
        if not advapi.GetTokenInformation(token, TOKEN_USER, room, len(room), ctypes.byref(got)):
            return None
        return sid(room.raw[: got.value], ctypes.addressof(room), ctypes.sizeof(ctypes.c_void_p))


def same_user(peer: tuple[str, int], own: tuple[str, int]) -> bool:
    """Is the other end a socket of a process of this process's user?"""
    process, ours = owning_process(_table(), peer[1], own[1]), _user_of(_library("kernel32").GetCurrentProcessId())
    return process is not None and ours is not None and _user_of(process) == ours
