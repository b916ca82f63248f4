"""Numbers of the system calls that are refused, per machine (Linux, arch/*/syscall*.tbl, asm-generic/unistd.h)."""

from __future__ import annotations

import platform

AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_EVERYWHERE = {
    "x86_64": {"socket": 41, "execve": 59, "execveat": 322, "ptrace": 101, "io_uring_setup": 425},
    "aarch64": {"socket": 198, "execve": 221, "execveat": 281, "ptrace": 117, "io_uring_setup": 425},
}
_SAME_ON_ALL = {
    "pidfd_send_signal": 424,
    "pidfd_open": 434,
    "clone3": 435,
    "fchmodat2": 452,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "mount_setattr": 442,
}
_IN_A_TASK = {
    "x86_64": {
        "clone": 56,
        "fork": 57,
        "vfork": 58,
        "kill": 62,
        "tkill": 200,
        "tgkill": 234,
        "rt_sigqueueinfo": 129,
        "rt_tgsigqueueinfo": 297,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "unlink": 87,
        "unlinkat": 263,
        "rename": 82,
        "renameat": 264,
        "renameat2": 316,
        "rmdir": 84,
        "link": 86,
        "linkat": 265,
        "symlink": 88,
        "symlinkat": 266,
        "mknod": 133,
        "mknodat": 259,
        "mkdir": 83,
        "mkdirat": 258,
        "truncate": 76,
        "chmod": 90,
        "fchmod": 91,
        "fchmodat": 268,
        "chown": 92,
        "fchown": 93,
        "lchown": 94,
        "fchownat": 260,
        "mount": 165,
        "umount2": 166,
        "setitimer": 38,
        "alarm": 37,
        "setrlimit": 160,
        "prlimit64": 302,
        "setns": 308,
        "unshare": 272,
        "bpf": 321,
        "userfaultfd": 323,
        "perf_event_open": 298,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
    },
    "aarch64": {
        "clone": 220,
        "kill": 129,
        "tkill": 130,
        "tgkill": 131,
        "rt_sigqueueinfo": 138,
        "rt_tgsigqueueinfo": 240,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "unlinkat": 35,
        "renameat": 38,
        "renameat2": 276,
        "linkat": 37,
        "symlinkat": 36,
        "mknodat": 33,
        "mkdirat": 34,
        "truncate": 45,
        "fchmod": 52,
        "fchmodat": 53,
        "fchownat": 54,
        "fchown": 55,
        "mount": 40,
        "umount2": 39,
        "setitimer": 103,
        "setrlimit": 164,
        "prlimit64": 261,
        "setns": 268,
        "unshare": 97,
        "bpf": 280,
        "userfaultfd": 282,
        "perf_event_open": 241,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
    },
}


def always_refused() -> list[int]:
    """No network, no new programs, no other process's memory. Raises `NotImplementedError` on an unknown machine."""
    return list(_EVERYWHERE[_machine()].values())


def refused_in_a_task() -> list[int]:
    """No other process, no other file's name or mode, no way out of the limits."""
    return [*_IN_A_TASK[_machine()].values(), *_SAME_ON_ALL.values()]


def audit_architecture() -> int:
    return AUDIT_ARCHITECTURES[_machine()]


def _machine() -> str:
    machine = platform.machine()
    if machine not in AUDIT_ARCHITECTURES:
        raise NotImplementedError(f"no system call numbers for {machine}")
    return machine
