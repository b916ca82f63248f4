"""Limits a process sets on itself before it touches foreign bytes."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

from . import seccomp

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_DUMPABLE = 4
MEMORY = 1 << 30
CPU_SECONDS = 120
DESCRIPTORS = 64


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _leave_the_network() -> bool:
    """A network namespace of its own has no interface up. Often forbidden to users, in containers to root."""
    libc = ctypes.CDLL(None, use_errno=True)
    flags = CLONE_NEWNET if os.getuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER
    return bool(libc.unshare(flags) == 0)


def _filter_calls() -> bool:
    """False where this kernel or machine has no filter for us."""
    try:
        seccomp.install()
    except (OSError, NotImplementedError):
        return False
    return True


def leave_no_core() -> None:
    """A crash writes no memory to disk, and no other process of this user reads it (prctl(2), core(5)).

    The limit alone would not keep a core from a program that the system pipes it to.
    """
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine() -> bool:
    """Bound memory, CPU, descriptors; forbid writing, processes, core dumps, sockets, programs.

    False if neither the filter nor the namespace holds: this process could still speak to others. Before any thread.
    """
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_NOFILE, DESCRIPTORS)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    # The namespace first: the filter refuses it, too.
    held = [_leave_the_network(), _filter_calls()] if sys.platform == "linux" else []
    _limit(resource.RLIMIT_NPROC, 0)
    return any(held)
