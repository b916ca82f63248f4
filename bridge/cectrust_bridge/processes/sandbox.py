"""Limits a process sets on itself before it touches foreign bytes."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
MEMORY = 1 << 30
CPU_SECONDS = 120
DESCRIPTORS = 64


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _leave_the_network() -> bool:
    """A network namespace of its own has no interface up. Where that is forbidden the other limits stay."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    flags = CLONE_NEWNET if os.getuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER
    return bool(libc.unshare(flags) == 0)


def leave_no_core() -> None:
    """A crash writes no memory to disk, and no other process of this user reads it (prctl(2), core(5)).

    The limit alone would not keep a core from a program that the system pipes it to.
    """
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine() -> bool:
    """Bound memory, CPU, descriptors; forbid writing, processes, core dumps. True if offline too."""
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_NOFILE, DESCRIPTORS)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    offline = _leave_the_network() if sys.platform == "linux" else False
    _limit(resource.RLIMIT_NPROC, 0)
    return offline
