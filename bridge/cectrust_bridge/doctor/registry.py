"""All checks, and how they are run: beside each other, each with its own time, none able to hold up or end the rest."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from . import browsers, computer, policies, ports, servers, smartcards, tokens, versions
from .finding import Finding, found
from .surroundings import Surroundings

Look = Callable[[Surroundings], list[Finding]]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """`for_pages`: touches no token and no network, and says nothing that a paired page may not know."""

    name: str
    look: Look
    seconds: int = 6
    for_pages: bool = False


CHECKS = (
    Check("os", computer.operating_system, for_pages=True),
    Check("screen", computer.screen),
    Check("config", computer.configuration, for_pages=True),
    Check("version", versions.newest, 40, for_pages=True),
    Check("autostart", computer.starts_at_login, for_pages=True),
    Check("port", ports.listening),
    Check("pairing", servers.pairings, for_pages=True),
    Check("server", servers.reached, 60),
    Check("proxy", servers.proxy, for_pages=True),
    Check("browser", browsers.versions),
    Check("policy", policies.of_browsers, for_pages=True),
    Check("pcsc", smartcards.service, for_pages=True),
    Check("reader", smartcards.readers, for_pages=True),
    Check("module", smartcards.modules, for_pages=True),
    Check("token", tokens.present, 50),
)


def examine(around: Surroundings, checks: Iterable[Check] = CHECKS) -> list[Finding]:
    """All findings in the order of `checks`."""
    running = [(check, _started(check, around)) for check in checks]
    begun = time.monotonic()
    findings: list[Finding] = []
    for check, answer in running:
        left = check.seconds - (time.monotonic() - begun)
        try:
            findings += answer.get(timeout=max(left, 0.01))
        except queue.Empty:
            findings.append(found("check.late", check=check.name, seconds=check.seconds))
    return findings


def for_page(around: Surroundings) -> list[Finding]:
    """What `env.check` tells a page."""
    return examine(around, [check for check in CHECKS if check.for_pages])


def _started(check: Check, around: Surroundings) -> queue.SimpleQueue[Sequence[Finding]]:
    """A daemon thread: one that never ends ends with the process."""
    answer: queue.SimpleQueue[Sequence[Finding]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answer.put(check.look(around))
        except Exception as error:
            # Whatever one check stumbles over, the others still have something to say.
            log.info("check %s: %s", check.name, type(error).__name__)
            answer.put([found("check.failed", check=check.name, reason=type(error).__name__)])

    threading.Thread(target=run, name=f"check {check.name}", daemon=True).start()
    return answer
