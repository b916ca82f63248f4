"""All checks, and how they are run: beside each other, each with its own time, none able to hold up or end the rest."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass

from . import browsers, computer, policies, ports, servers, smartcards, tokens, versions
from .finding import Finding, found
from .runs import Runs
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


FOR_PAGES: Runs[list[Finding]] = Runs()
"""Whatever pages ask, and however often: one run of a check for each origin."""


def examine(around: Surroundings, checks: Iterable[Check] = CHECKS) -> list[Finding]:
    """All findings in the order of `checks`."""
    return asyncio.run(_all(answers(around, checks)))


async def for_page(around: Surroundings) -> list[Finding]:
    """What `env.check` tells a page. A check that still hangs from an earlier question answers both, or none."""
    return await _all(answers(around, [check for check in CHECKS if check.for_pages], FOR_PAGES))


async def answers(
    around: Surroundings, checks: Iterable[Check] = CHECKS, runs: Runs[list[Finding]] | None = None
) -> AsyncIterator[list[Finding]]:
    """What each of `checks` found, in their order. All begin with the first."""
    runs = Runs() if runs is None else runs
    running = [(check, _started(check, around, runs)) for check in checks]
    begun = time.monotonic()
    for check, answer in running:
        left = max(check.seconds - (time.monotonic() - begun), 0.01)
        try:
            told: list[Finding] = await asyncio.wait_for(asyncio.wrap_future(answer), left)
        except TimeoutError:
            told = [found("check.late", check=check.name, seconds=check.seconds)]
        yield told


async def _all(told: AsyncIterator[list[Finding]]) -> list[Finding]:
    return [finding async for answer in told for finding in answer]


def _started(check: Check, around: Surroundings, runs: Runs[list[Finding]]) -> Future[list[Finding]]:
    key = (check.name, around.profile.folder, around.origin)
    return runs.answer(key, f"check {check.name}", functools.partial(_looked, check, around))


def _looked(check: Check, around: Surroundings) -> list[Finding]:
    try:
        return check.look(around)
    except Exception as error:
        # Whatever one check stumbles over, the others still have something to say.
        log.info("check %s: %s", check.name, type(error).__name__)
        return [found("check.failed", check=check.name, reason=type(error).__name__)]
