"""A plugin that is wrong stops start-up and is named; one that is right is asked alone."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from cectrust.platform import Platform, compose
from cectrust.plugins import Plugins, choose, load_plugins
from cectrust.sdk import hookimpl
from cectrust.sdk.errors import Misconfigured
from cectrust.sdk.protocols import Job, PluginContext
from cectrust.settings import load_settings
from tests.support.platforms import settings_file


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    colour: str


def plugin(monkeypatch: pytest.MonkeyPatch, name: str, **hooks: Callable[..., object]) -> EntryPoint:
    """An installed plugin whose module has these hooks."""
    module = types.ModuleType(f"test_plugin_{name}")
    for hook, implementation in hooks.items():
        setattr(module, hook, hookimpl(implementation))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return EntryPoint(name, module.__name__, "cectrust")


def composed(directory: Path, plugins: Plugins, more: str = "") -> Platform:
    return compose(load_settings(settings_file(directory, "", more), {}), plugins=plugins)


def refusal(directory: Path, plugins: Plugins, more: str = "") -> str:
    with pytest.raises(Misconfigured) as caught:
        composed(directory, plugins, more)
    return caught.value.en


def test_built_ins_come_without_being_installed() -> None:
    assert "file_store" in load_plugins(installed=[]).names()


def test_a_plugin_that_does_not_import_is_named() -> None:
    with pytest.raises(Misconfigured, match="sunshine"):
        load_plugins(installed=[EntryPoint("sunshine", "no_such_module", "cectrust")])


def test_a_plugin_cannot_take_the_name_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match="file_store"):
        load_plugins(installed=[plugin(monkeypatch, "file_store")])


def test_a_hook_that_we_do_not_have_stops_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match="cectrust_sunshine"):
        load_plugins(installed=[plugin(monkeypatch, "p", cectrust_sunshine=lambda: None)])


def test_an_argument_that_a_hook_does_not_have_stops_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match="'p'"):
        load_plugins(installed=[plugin(monkeypatch, "p", cectrust_jobs=lambda moon: moon)])


def test_a_plugin_gets_its_own_section_and_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[PluginContext] = []

    def jobs(context: PluginContext) -> list[Job]:
        seen.append(context)
        return [Job("paint", 60, lambda: None)]

    entry = plugin(monkeypatch, "p", cectrust_settings_section=lambda: Section, cectrust_jobs=jobs)
    platform = composed(tmp_path, load_plugins(installed=[entry]), '[plugins.p]\ncolour = "red"\n')
    assert seen[0].settings == Section(colour="red")
    assert seen[0].data_dir == tmp_path / "data" / "plugins" / "p"
    assert platform.jobs["p.paint"].every_seconds == 60
    platform.close()


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("[plugins.p]\n", "colour"),
        ('[plugins.p]\ncolour = "red"\nsize = 1\n', "size"),
        ("[plugins.q]\n", "q"),
        ("[plugins.p]\ncolour = 1\n", "colour"),
    ],
)
def test_a_wrong_plugin_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, more: str, named: str
) -> None:
    entry = plugin(monkeypatch, "p", cectrust_settings_section=lambda: Section)
    assert named in refusal(tmp_path, load_plugins(installed=[entry]), more)


def test_a_plugin_that_needs_settings_is_not_asked_without_its_section(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    entry = plugin(monkeypatch, "p", cectrust_settings_section=lambda: Section, cectrust_jobs=lambda: 1 / 0)
    platform = composed(tmp_path, load_plugins(installed=[entry]))
    assert "p" not in platform.contexts
    platform.close()


def test_a_section_for_a_plugin_without_settings_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry = plugin(monkeypatch, "p")
    assert "p" in refusal(tmp_path, load_plugins(installed=[entry]), "[plugins.p]\ncolour = 1\n")


@pytest.mark.parametrize(
    ("more", "setting"),
    [
        ('[storage]\nstore = "moon"\n', "storage.store"),
        ('[notifications]\nnotifiers = ["moon"]\n', "notifications.notifiers"),
        ('[timestamping]\ntimestamper = "moon"\n', "timestamping.timestamper"),
    ],
)
def test_a_name_that_nobody_registered_stops_start_up(tmp_path: Path, more: str, setting: str) -> None:
    text = refusal(tmp_path, load_plugins(installed=[]), more)
    assert setting in text
    assert "moon" in text


def test_two_plugins_with_one_store_name_stop_start_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry = plugin(monkeypatch, "p", cectrust_blob_stores=lambda: {"file_store": object()})
    assert "file_store" in refusal(tmp_path, load_plugins(installed=[entry]))


def test_a_chosen_name_gives_the_registered_object() -> None:
    assert choose("storage.store", "a", {"a": 1}) == 1


def test_a_plugin_whose_hook_raises_stops_start_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def jobs() -> list[Job]:
        raise ZeroDivisionError("moon")

    entry = plugin(monkeypatch, "p", cectrust_jobs=jobs)
    assert "'p'" in refusal(tmp_path, load_plugins(installed=[entry]))
