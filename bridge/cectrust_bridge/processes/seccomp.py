"""A filter of system calls (Linux, seccomp(2)): no new socket, no program, no other process, no way around the filter.

It needs no privilege (PR_SET_NO_NEW_PRIVS), unlike a network namespace, and it stops what a namespace does not: sockets
that are files (session bus, display, ssh-agent), and starting programs. What is open already, as the channel, stays so.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
LOAD, JUMP_IF_EQUAL, JUMP_IF_GREATER_EQUAL, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
X32_BIT = 0x40000000
SINCE_5_1 = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "pidfd_open": 434,
    "pidfd_getfd": 438,
}
"""Calls that have one number on all machines."""
MACHINES: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            "socket": 41, "connect": 42, "accept": 43, "accept4": 288, "bind": 49, "listen": 50,
            "execve": 59, "execveat": 322, "kill": 62, "ptrace": 101,
            "process_vm_readv": 310, "process_vm_writev": 311,
            "mount": 165, "unshare": 272, "setns": 308, "bpf": 321, "userfaultfd": 323, "perf_event_open": 298,
            "add_key": 248, "request_key": 249, "keyctl": 250, **SINCE_5_1,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "socket": 198, "connect": 203, "accept": 202, "accept4": 242, "bind": 200, "listen": 201,
            "execve": 221, "execveat": 281, "kill": 129, "ptrace": 117,
            "process_vm_readv": 270, "process_vm_writev": 271,
            "mount": 40, "unshare": 97, "setns": 268, "bpf": 280, "userfaultfd": 282, "perf_event_open": 241,
            "add_key": 217, "request_key": 218, "keyctl": 219, **SINCE_5_1,
        },
    ),
}  # fmt: skip
"""By `uname -m`: the audit architecture, and the refused calls' numbers (linux/audit.h, asm/unistd.h)."""


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))


def install() -> None:
    """Refuse these calls (EPERM) to the calling thread and all that it starts, for good.

    OSError where the kernel has no such filters; NotImplementedError on a machine whose numbers are not known here.
    """
    octets = program(os.uname().machine)
    kept = ctypes.create_string_buffer(octets, len(octets))
    wanted = _Filter(len(octets) // 8, ctypes.cast(kept, ctypes.c_void_p).value)
    _control(PR_SET_NO_NEW_PRIVS, 1, 0)
    _control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(wanted))


def program(machine: str) -> bytes:
    """The Berkeley packet filter: calls of another architecture kill, those listed fail, all others go through."""
    if machine not in MACHINES:
        raise NotImplementedError(f"no system call numbers for {machine}")
    architecture, calls = MACHINES[machine]
    refused = sorted(calls.values())
    steps = [
        _step(LOAD, 4),
        _step(JUMP_IF_EQUAL, architecture, 1, 0),
        _step(RETURN, KILL),
        _step(LOAD, 0),
        _step(JUMP_IF_GREATER_EQUAL, X32_BIT, len(refused) + 1, 0),
    ]
    steps += [_step(JUMP_IF_EQUAL, number, len(refused) - index, 0) for index, number in enumerate(refused)]
    return b"".join([*steps, _step(RETURN, ALLOW), _step(RETURN, ERRNO | errno.EPERM)])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _control(option: int, second: int, third: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(option, ctypes.c_ulong(second), ctypes.c_ulong(third), zero, zero):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
