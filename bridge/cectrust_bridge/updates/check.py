"""Is there an update, and may it be believed? The decision alone: no network, no installing."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from enum import Enum

from ..formats import jose
from .errors import Downgrade, ManifestExpired, ManifestFromTheFuture, ManifestOlder
from .history import History, Seen
from .manifest import Manifest, verify
from .version import Version

CLOCK_SKEW = 86400
SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "macos"}
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class State(Enum):
    """What to tell the person."""

    CURRENT = "current"
    AVAILABLE = "available"
    REQUIRED = "required"


@dataclass(frozen=True)
class Finding:
    """A believed manifest, and what it means for the installed version."""

    state: State
    installed: Version
    manifest: Manifest


def this_platform() -> str:
    """As in the manifest, e.g. `linux-amd64`."""
    machine = platform.machine().lower()
    return f"{SYSTEMS.get(sys.platform, sys.platform)}-{MACHINES.get(machine, machine)}"


def check(compact: str, key: jose.PublicKey, installed: Version, history: History, now: float) -> Finding:
    """Verify, compare with what was seen before, remember. `now`: the PC's clock, UNIX seconds.

    A clock that was put back does not revive an expired manifest: time is never before the newest one seen.
    """
    manifest = verify(compact, key)
    seen = history.seen()
    _refuse_stale(manifest, max(now, seen.newest), now)
    _refuse_step_back(manifest, seen)
    history.remember(Seen(max(seen.highest, manifest.version), manifest.created))
    return Finding(_state(manifest, installed), installed, manifest)


def _refuse_stale(manifest: Manifest, latest: float, clock: float) -> None:
    if latest > manifest.expires:
        raise ManifestExpired(f"expired at {manifest.expires}")
    if manifest.created > clock + CLOCK_SKEW:
        raise ManifestFromTheFuture(f"created at {manifest.created}")


def _refuse_step_back(manifest: Manifest, seen: Seen) -> None:
    if manifest.created < seen.newest:
        raise ManifestOlder(f"created at {manifest.created}, seen {seen.newest}")
    if manifest.version < seen.highest:
        raise Downgrade(f"{manifest.version} after {seen.highest}")


def _state(manifest: Manifest, installed: Version) -> State:
    if installed < manifest.minimum:
        return State.REQUIRED
    return State.AVAILABLE if installed < manifest.version else State.CURRENT
