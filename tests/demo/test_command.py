"""``cectrust demo`` throws away what it made itself, and nothing else."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from cectrust.cli import cectrust
from cectrust.demo.command import clear_unfinished, refuse_taken_ports
from cectrust.demo.layout import Layout, Ports
from cectrust.sdk.errors import Misconfigured


def test_a_folder_of_somebody_elses_is_left_as_it_is(tmp_path: Path) -> None:
    settings = tmp_path / "cectrust.toml"
    settings.write_text("data_dir = 'data'\n")
    (tmp_path / "data").mkdir()
    refused = CliRunner().invoke(cectrust, ["demo", "--directory", str(tmp_path)])
    assert refused.exit_code == 1
    assert "デモのフォルダーでもありません" in refused.output
    assert "Give another --directory" in refused.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cectrust.toml", "data"]


def test_a_port_that_somebody_has_is_named_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Misconfigured, match=str(port)):
            refuse_taken_ports(Layout(tmp_path / "demo", Ports(web=port)))
    assert not (tmp_path / "demo").exists()


def test_an_interrupted_preparation_is_begun_anew(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "demo")
    clear_unfinished(layout)
    layout.root.mkdir()
    clear_unfinished(layout)
    layout.mark.touch()
    layout.settings.write_text("half")
    clear_unfinished(layout)
    assert not layout.root.exists()
