"""Who else on this computer may change or read a file that the bridge relies on."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def writable_by_others(path: Path) -> bool:
    """May anybody but root and this user change the file or put another in its place?"""
    if sys.platform == "win32":
        return False
    real = path.resolve()
    return any(_loose(each) for each in (real, *real.parents))


def readable_by_others(path: Path) -> bool:
    """May anybody but root and this user read it? A folder that lets nobody in protects what is inside."""
    if sys.platform == "win32":
        return False
    real = path.resolve()
    doors = [parent.stat().st_mode for parent in real.parents]
    facts = real.stat()
    if facts.st_mode & 0o004 and all(door & 0o001 for door in doors):
        return True
    return bool(facts.st_mode & 0o040) and not _is_ours(facts.st_gid) and all(door & 0o011 for door in doors)


def _loose(path: Path) -> bool:
    """A sticky folder lets nobody replace another's file in it (as /tmp)."""
    facts = path.stat()
    if facts.st_uid not in (0, os.getuid()):
        return True
    if facts.st_mode & 0o1000 and path.is_dir():
        return False
    return bool(facts.st_mode & 0o002) or (bool(facts.st_mode & 0o020) and not _is_ours(facts.st_gid))


def _is_ours(group: int) -> bool:
    """Root's group, or the one of this user's own name without other members, as most distributions make it."""
    import grp  # not on every system
    import pwd

    if group == 0:
        return True
    try:
        named, user = grp.getgrgid(group), pwd.getpwuid(os.getuid())
    except KeyError:
        return False
    return group == user.pw_gid and named.gr_name == user.pw_name and set(named.gr_mem) <= {user.pw_name}
