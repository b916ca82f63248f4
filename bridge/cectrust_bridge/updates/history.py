"""What was seen before, kept in the profile (0600): it makes a step back visible (TUF specification, section 5.4.4).

Whoever can change the file is the person himself, or root. Losing it costs nothing below the installed version,
which is always the floor.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ..formats import durable, strictjson
from .errors import HistoryDamaged
from .version import Version


@dataclass(frozen=True)
class Seen:
    """The highest version offered so far, and when the newest manifest was made (UNIX seconds)."""

    highest: Version
    newest: int


class History:
    """The file of one profile."""

    def __init__(self, path: Path, installed: Version) -> None:
        """`installed`: the version of this very program."""
        self._path, self._installed = path, installed

    def seen(self) -> Seen:
        """Never below the installed version; HistoryDamaged rather than a fresh start."""
        if not self._path.exists():
            return Seen(self._installed, 0)
        try:
            read = strictjson.parse(self._path.read_bytes())
            if set(read) != {"v", "highest", "newest"} or read["v"] != 1 or type(read["newest"]) is not int:
                raise ValueError("not the members it should have")
            return Seen(max(Version.parse(read["highest"]), self._installed), read["newest"])
        except (ValueError, TypeError, OSError) as error:
            raise HistoryDamaged(str(self._path)) from error

    def remember(self, seen: Seen) -> None:
        """On disk (fsync) when this returns."""
        durable.write(self._path, json.dumps({"v": 1, "highest": str(seen.highest), "newest": seen.newest}).encode())
