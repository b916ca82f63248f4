"""What tests measure is kept where somebody finds it."""

from __future__ import annotations

from pathlib import Path

import figures
import pytest


def test_figures_are_kept_where_a_folder_is_named_and_shown_as_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(figures.VARIABLE, str(tmp_path / "out"))
    figures.note("load", "a crowd", {"signatures": 12, "worst s": 0.5})
    figures.note("load", "a siege", {"signatures": 1200})
    figures.note("fuzz", "jws", {"inputs": 40000})
    shown = figures.table(tmp_path / "out").splitlines()
    assert shown == [
        "fuzz:", "name  inputs", "jws   40,000", "",
        "load:", "name     signatures  worst s", "a crowd  12          0.5", "a siege  1,200",
    ]  # fmt: skip


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(figures.VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    figures.note("load", "a crowd", {"signatures": 12})
    assert list(tmp_path.iterdir()) == []
