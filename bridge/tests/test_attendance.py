"""The doctor behind the main window: the command line's examination and repairs, told step by step."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cectrust_bridge.doctor import registry
from cectrust_bridge.doctor.attendance import Attendance
from cectrust_bridge.doctor.finding import found
from cectrust_bridge.doctor.registry import Check
from cectrust_bridge.service.bridge import Bridge
from doctor_house import Computer
from doctor_patient import tree


class Visit:
    """A person who wishes, and what he is told."""

    def __init__(self, pc: Computer) -> None:
        self.bridge = Bridge(pc.profile, "terminal")
        self.attendance = Attendance(self.bridge, pc.around)

    def wish(self, do: str, **fields: str) -> list[Mapping[str, Any]]:
        told: list[Mapping[str, Any]] = []

        async def tell(fields: Mapping[str, Any]) -> None:
            told.append(fields)

        asyncio.run(self.attendance.grant({"do": do, **fields}, tell))
        return told


@pytest.fixture
def visit(paired: Computer) -> Visit:
    return Visit(paired)


def test_every_check_is_told_of_as_soon_as_it_has_ended(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = [
        Check("one", lambda _: [found("autostart.off")]),
        Check("two", lambda _: [found("port.listening", port=1)]),
    ]
    monkeypatch.setattr(registry, "CHECKS", checks)
    first, second, end = visit.wish("examine")
    assert (first["done"], first["total"], second["done"], end["of"]) == (1, 2, 2, "examined")
    [finding] = first["findings"]
    assert (finding["code"], finding["state"], finding["repair"]) == ("autostart.off", "doubtful", "autostart")


def test_a_repair_is_made_as_it_was_shown_and_undone_to_the_byte(visit: Visit, paired: Computer) -> None:
    before = tree(paired.home)
    [plan] = visit.wish("plan", repair="autostart")
    assert "Exec=" in plan["text"]
    assert tree(paired.home) == before, "nothing happens before the person agrees"
    assert visit.wish("repair") == [{"of": "repaired", "repair": "autostart"}]
    assert tree(paired.home) != before
    [last] = visit.wish("last")
    assert "autostart" in last["text"]
    assert visit.wish("undo") == [{"of": "undone"}]
    assert tree(paired.home) == before
    assert [each["of"] for each in visit.wish("last")] == ["failed"]


def test_what_was_agreed_to_happens_once_and_nothing_else_is_undone(visit: Visit, paired: Computer) -> None:
    visit.wish("plan", repair="autostart")
    visit.wish("repair")
    visit.wish("repair")
    assert len(list((paired.profile.folder / "repairs").iterdir())) == 1
    assert [each["of"] for each in visit.wish("undo")] == ["failed"], "nobody was shown what would be undone"


def test_a_repair_that_has_nothing_to_do_says_why(visit: Visit) -> None:
    [told] = visit.wish("plan", repair="module")
    assert (told["of"], told["ja"]) == ("failed", "ドライバーの設定に直すところはありません。")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can meet another's profile")
def test_root_changes_nothing_in_another_users_profile(visit: Visit, paired: Computer) -> None:
    os.chown(paired.profile.folder, 65534, 65534)
    for wish in ({"do": "plan", "repair": "autostart"}, {"do": "last"}):
        assert [each["of"] for each in visit.wish(**wish)] == ["failed"]


def test_the_report_that_was_shown_is_saved_for_this_user_alone(visit: Visit, tmp_path: Path) -> None:
    [report] = visit.wish("report")
    assert visit.wish("save", path=f"{tmp_path}/hokoku.txt") == [{"of": "saved", "path": f"{tmp_path}/hokoku.txt"}]
    saved = tmp_path / "hokoku.txt"
    assert saved.read_text(encoding="utf-8") == report["text"]
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    [failed] = visit.wish("save", path=f"{tmp_path}/nowhere/hokoku.txt")
    assert "保存できません" in failed["ja"]


def test_wrong_settings_are_said_and_not_silent(visit: Visit, paired: Computer) -> None:
    (paired.profile.folder / "config.toml").write_text("no_such_setting = 1\n")
    assert [each["of"] for each in visit.wish("plan", repair="module")] == ["failed"]


def test_no_signature_is_tried_while_a_page_has_the_desk(visit: Visit) -> None:
    visit.bridge.occupy()
    [told] = visit.wish("trial")
    assert "別の処理中" in told["ja"]
