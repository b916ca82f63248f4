"""The doctor behind the main window: the command line's examination, repairs and report, one wish at a time.

A wish is `{"do": "examine" | "trial" | "plan" | "repair" | "last" | "undo" | "report" | "save", …}`, with `repair`
(plan) or `path` (save). What is told of it has `of`: `findings` (with `done` of `total` checks), `examined`, `plan`,
`repaired`, `last`, `undone`, `report`, `saved`, or `failed` with two sentences. Nothing is changed or saved but what
was told of before: a repair's plan, the newest repair, the report.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from ..display import visible
from ..errors import BridgeError
from ..pairing.errors import PairingError, RecordsUnusable
from ..service.bridge import Bridge
from . import registry, repairs, report, trial
from .finding import Finding
from .repair_book import Plan, RepairBook, RepairError, check_owner
from .surroundings import Surroundings

Tell = Callable[[Mapping[str, Any]], Awaitable[None]]
log = logging.getLogger(__name__)
NOT_SAVED = RepairError(
    "保存できません。書き込める場所かどうかを確かめて、もう一度お試しください。",
    "It cannot be saved. Check that you may write there, and try again.",
)


ANOTHER = RepairError(
    "最後の変更が、表示したものと替わりました。もう一度、内容を見てから戻してください。",
    "The last change is no longer the one that was shown. Look at it again before you undo it.",
)


class Attendance:
    """One person's examinations at one running bridge."""

    def __init__(self, bridge: Bridge, around: Surroundings) -> None:
        self._bridge, self._around = bridge, around
        self._book = RepairBook(around.profile.folder)
        self._findings: list[Finding] = []
        self._plan: Plan | None = None
        self._repair = ""
        self._report = ""
        self._group = 0

    async def grant(self, wish: Mapping[str, Any], tell: Tell) -> None:
        """Do it, and tell how it goes and ended."""
        try:
            if wish["do"] == "examine":
                await self._examine(tell)
            else:
                await tell(await self._done(wish))
        except (RepairError, PairingError, BridgeError) as error:
            await tell({"of": "failed", "ja": error.ja, "en": error.en})
        except (ValueError, OSError) as error:
            log.warning("doctor, %s: %s", wish["do"], error)
            await tell({"of": "failed", "ja": RecordsUnusable.ja, "en": RecordsUnusable.en})

    async def _examine(self, tell: Tell) -> None:
        self._findings, done, total = [], 0, len(registry.CHECKS)
        async for answer in registry.answers(self._around, registry.CHECKS):
            self._findings += answer
            done += 1
            await tell({"of": "findings", "done": done, "total": total, "findings": self._shown(answer)})
        await tell({"of": "examined"})

    async def _done(self, wish: Mapping[str, Any]) -> Mapping[str, Any]:
        if wish["do"] == "trial":
            return await self._try_a_signature()
        if wish["do"] == "plan":
            return await asyncio.to_thread(self._planned, wish["repair"])
        if wish["do"] == "save":
            return await asyncio.to_thread(self._saved, wish["path"])
        acts = {"repair": self._repaired, "last": self._last, "undo": self._undone, "report": self._reported}
        return await asyncio.to_thread(acts[wish["do"]])

    async def _try_a_signature(self) -> Mapping[str, Any]:
        with self._bridge.occupied():
            finding = await trial.sign_at(self._bridge)
        self._findings.append(finding)
        return {"of": "findings", "done": 1, "total": 1, "findings": self._shown([finding])}

    def _shown(self, findings: list[Finding]) -> list[dict[str, Any]]:
        told = report.harmless(findings, self._around)
        return [{**each, "repair": repairs.MENDS.get(each["code"], "")} for each in told]

    def _planned(self, name: str) -> Mapping[str, Any]:
        check_owner(self._around.profile.folder)
        self._repair, self._plan = name, repairs.PLANS[name](self._around)
        changes = bool(self._plan.changes)
        text = visible(repairs.shown(self._plan), keep="\n\t")
        return {"of": "plan", "repair": name, "text": text, "command": self._plan.command, "changes": changes}

    def _repaired(self) -> Mapping[str, Any]:
        """What the person agreed to, once."""
        plan, self._plan = self._plan, None
        if plan is not None and not plan.command:
            self._book.make(plan.changes)
        return {"of": "repaired", "repair": self._repair}

    def _last(self) -> Mapping[str, Any]:
        check_owner(self._around.profile.folder)
        entries = self._book.last()
        self._group = entries[0].group
        return {"of": "last", "text": "\n".join(visible(str(entry.path)) for entry in entries)}

    def _undone(self) -> Mapping[str, Any]:
        if self._book.last()[0].group != self._group:
            raise ANOTHER
        self._book.undo()
        return {"of": "undone"}

    def _reported(self) -> Mapping[str, Any]:
        self._report = report.for_help_desk(self._findings, self._around)
        return {"of": "report", "text": visible(self._report, keep="\n")}

    def _saved(self, path: str) -> Mapping[str, Any]:
        place = Path(os.path.expanduser(path))
        try:
            report.save(place, self._report)
        except OSError as error:
            raise NOT_SAVED from error
        return {"of": "saved", "path": visible(str(place))}
