"""What a process that reads foreign bytes gives up for good.

Seccomp filters are what counts; they need no privilege (seccomp(2), PR_SET_NO_NEW_PRIVS). An empty network namespace
and Landlock come on top where the kernel has and allows them. Socket pairs stay possible, asyncio needs one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Sequence
from pathlib import Path

from cectrust.parsing.landlock import confine
from cectrust.parsing.syscalls import always_refused, audit_architecture, refused_in_a_task

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_GREATER_EQUAL, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_X32_BIT = 0x40000000


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
    _prctl(libc, _PR_SET_NO_NEW_PRIVS, 1, 0)
    _refuse(libc, always_refused())


def isolate_task(readable: Sequence[Path], writable: Sequence[Path]) -> None:
    """Take everything else that reaches beyond one task: other processes, names and modes of files, the way out of the
    limits; where the kernel has Landlock, every file but these. Needs `isolate` first; the limits are set before.
    """
    confine(readable, writable)
    _refuse(ctypes.CDLL(None, use_errno=True), refused_in_a_task())


def _refuse(libc: ctypes.CDLL, calls: Sequence[int]) -> None:
    program = ctypes.create_string_buffer(_program(calls))
    prog = _Filter(len(program.raw) // 8, ctypes.cast(program, ctypes.c_void_p).value)
    _prctl(libc, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(prog))


def _prctl(libc: ctypes.CDLL, option: int, second: int, third: int) -> None:
    if libc.prctl(option, ctypes.c_ulong(second), ctypes.c_ulong(third), ctypes.c_ulong(0), ctypes.c_ulong(0)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _program(refused: Sequence[int]) -> bytes:
    """Berkeley packet filter: other architectures die, listed calls get EPERM, the rest goes through."""
    steps = [
        _step(_LOAD, 4),
        _step(_JUMP_IF_EQUAL, audit_architecture(), 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, 0),
        _step(_JUMP_IF_GREATER_EQUAL, _X32_BIT, len(refused) + 1, 0),
    ]
    steps += [_step(_JUMP_IF_EQUAL, number, len(refused) - index, 0) for index, number in enumerate(refused)]
    return b"".join([*steps, _step(_RETURN, _ALLOW), _step(_RETURN, _ERRNO | errno.EPERM)])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
