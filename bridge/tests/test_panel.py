"""What the front answers to the main window's wishes when its own files are in the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cectrust_bridge.doctor.attendance import Attendance
from cectrust_bridge.doctor.surroundings import Surroundings
from cectrust_bridge.service.bridge import Bridge
from cectrust_bridge.service.panel import Panel
from doctor_house import Computer
from driver import ISSUER

CODES = json.loads((Path(__file__).parent.parent / "vectors/pairing_code.json").read_text(encoding="utf-8"))["cases"]


class Window:
    """The window's process, as the front sees it."""

    def __init__(self) -> None:
        self.told: list[Mapping[str, Any]] = []

    def is_alive(self) -> bool:
        return True

    async def send(self, fields: Mapping[str, Any]) -> None:
        self.told.append(fields)


def outcome(bridge: Bridge, wish: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the window hears of its wish."""
    window = Window()

    async def granted() -> None:
        panel = Panel(bridge, lambda: None, Attendance(bridge, Surroundings(bridge.profile)).grant)
        panel._child = window  # type: ignore[assignment]
        await panel._grant(wish)

    asyncio.run(granted())
    [told] = [each for each in window.told if each["show"] == "outcome"]
    return told


@pytest.fixture
def bridge(paired: Computer) -> Bridge:
    return Bridge(paired.profile, "terminal")


def test_pairing_with_broken_settings_is_said_in_the_window(bridge: Bridge, paired: Computer) -> None:
    (paired.profile.folder / "config.toml").write_text("no_such_setting = 1\n")
    code = next(case["text"] for case in CODES if case["accept"])
    told = outcome(bridge, {"wish": "pair", "address": "https://contracts.example.jp", "code": code})
    assert told["of"] == "failed"
    assert "設定" in told["ja"]
    assert "管理者" in told["ja"]


def test_leaving_with_an_unreadable_folder_is_said_in_the_window(bridge: Bridge, paired: Computer) -> None:
    (paired.profile.folder / "consents").rmdir()
    (paired.profile.folder / "consents").touch()
    told = outcome(bridge, {"wish": "unpair", "issuer": ISSUER})
    assert told["of"] == "failed"
    assert "administrator" in told["en"]
