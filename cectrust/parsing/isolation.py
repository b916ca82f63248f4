"""No network, no new programs: a seccomp filter, and an empty network namespace where that is allowed.

The filter is what counts; it needs no privilege (seccomp(2), PR_SET_NO_NEW_PRIVS). Socket pairs stay
possible, asyncio needs one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_GREATER_EQUAL, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_X32_BIT = 0x40000000

_MACHINES = {
    # audit architecture; socket, execve, execveat, ptrace, io_uring_setup
    "x86_64": (0xC000003E, (41, 59, 322, 101, 425)),
    "aarch64": (0xC00000B7, (198, 221, 281, 117, 425)),
}


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))


def isolate() -> None:
    """Take network and exec from the calling process and its children for good.

    Raises `OSError` where the kernel refuses and `NotImplementedError` on an unknown machine: a parser
    that can't be isolated must not start.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    # Best effort: containers often forbid it, and the filter below suffices alone.
    libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    _call(libc, _PR_SET_NO_NEW_PRIVS, 1, 0)
    program = ctypes.create_string_buffer(_program())
    prog = _Filter(len(program.raw) // 8, ctypes.cast(program, ctypes.c_void_p).value)
    _call(libc, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(prog))


def _call(libc: ctypes.CDLL, option: int, second: int, third: int) -> None:
    if libc.prctl(option, ctypes.c_ulong(second), ctypes.c_ulong(third), ctypes.c_ulong(0), ctypes.c_ulong(0)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _program() -> bytes:
    """Berkeley packet filter: other architectures die, listed calls get EPERM, the rest goes through."""
    machine = platform.machine()
    if machine not in _MACHINES:
        raise NotImplementedError(f"no system call numbers for {machine}")
    architecture, refused = _MACHINES[machine]
    steps = [
        _step(_LOAD, 4),
        _step(_JUMP_IF_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, 0),
        _step(_JUMP_IF_GREATER_EQUAL, _X32_BIT, len(refused) + 1, 0),
    ]
    steps += [_step(_JUMP_IF_EQUAL, number, len(refused) - index, 0) for index, number in enumerate(refused)]
    return b"".join([*steps, _step(_RETURN, _ALLOW), _step(_RETURN, _ERRNO | errno.EPERM)])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
