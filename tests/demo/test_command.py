"""``cectrust demo`` throws away what it made itself, and nothing else."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from cectrust.cli import cectrust
from cectrust.demo.command import clear_unfinished
from cectrust.demo.layout import Layout


def test_a_folder_of_somebody_elses_is_left_as_it_is(tmp_path: Path) -> None:
    settings = tmp_path / "cectrust.toml"
    settings.write_text("data_dir = 'data'\n")
    (tmp_path / "data").mkdir()
    refused = CliRunner().invoke(cectrust, ["demo", "--directory", str(tmp_path)])
    assert refused.exit_code == 1
    assert "デモのフォルダーでもありません" in refused.output
    assert "Give another --directory" in refused.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cectrust.toml", "data"]


def test_an_interrupted_preparation_is_begun_anew(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "demo")
    clear_unfinished(layout)
    layout.root.mkdir()
    clear_unfinished(layout)
    layout.mark.touch()
    layout.settings.write_text("half")
    clear_unfinished(layout)
    assert not layout.root.exists()
