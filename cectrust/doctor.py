"""``cectrust doctor``: the one oracle. It believes nothing that is stored and names everything that disagrees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import structlog

from cectrust.platform import Platform
from cectrust.sdk.errors import CectrustError

log = structlog.get_logger(__name__)


class Finding(Protocol):
    """One disagreement; rooms bring values of their own with these members (``cectrust.archive.audit.Finding``)."""

    @property
    def code(self) -> str: ...

    @property
    def ja(self) -> str: ...

    @property
    def place(self) -> str: ...


@dataclass(frozen=True)
class Trouble:
    """A finding of a check that has no type of its own."""

    code: str
    ja: str
    place: str


@dataclass(frozen=True)
class Check:
    """One question. ``deep`` ones read everything and take long."""

    name: str
    run: Callable[[Platform], Iterable[Finding]]
    deep: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """The answer to one check; no findings means that all is well."""

    check: str
    findings: tuple[Finding, ...]


def examine(platform: Platform, checks: Iterable[Check], *, deep: bool) -> Iterator[Diagnosis]:
    """Ask every check, the deep ones too if asked; one that raises is a finding, and the others still run."""
    for check in checks:
        if deep or not check.deep:
            yield Diagnosis(check.name, tuple(_answers(platform, check)))


def _answers(platform: Platform, check: Check) -> Iterator[Finding]:
    try:
        yield from check.run(platform)
    except CectrustError as error:
        yield Trouble(error.code, error.ja, error.detail)
    except Exception as error:
        log.exception("check.failed", check=check.name)
        yield Trouble("check_failed", "検査そのものが失敗しました。", f"{check.name}: {type(error).__name__}")
