"""What the documentation says is what the program has: settings, hooks, links, paths."""

from __future__ import annotations

import argparse
import json
import re
import tomllib
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pluggy
import pytest
from pydantic import BaseModel, SecretStr

from cectrust.builtin import BUILTIN
from cectrust.cli import cectrust
from cectrust.sdk import hookspecs
from cectrust.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "bridge/*.md", "plugins/*/*.md")
    for page in ROOT.glob(pattern)
    if page.is_file()
)
ADMINS, SETTINGS = DOCS / "admins" / "README.md", DOCS / "admins" / "settings.md"
HOOKS = DOCS / "integrators" / "README.md"
ROW = re.compile(r"^\| `([a-z_.]+)` \| (.+?) \|", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
BRIDGE = re.compile(r"(?<![\w/-])cectrust-bridge (?!listening on )((?:--?)?[a-z][a-z-]*(?: (?:--)?[a-z][a-z-]*)*)")
"""What it prints when it is ready is no command."""
HOOK = re.compile(r"^### `(cectrust_[a-z_]+)`$", re.MULTILINE)
IMAGE_BYTES, DOCS_BYTES = 300_000, 4_000_000


def sections() -> dict[str, str]:
    """Each heading of the settings' page with the text under it."""
    parts = re.split(r"^## (.+)$", SETTINGS.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def stated(section: str) -> dict[str, Any]:
    """Key and default as the page has them; ``...`` for a required one, ``None`` for none."""
    rows = dict(ROW.findall(sections()[section]))
    special = {"required": ..., "none": None}
    return {key: special.get(text) if text in special else toml(text.strip("`")) for key, text in rows.items()}


def toml(text: str) -> object:
    return tomllib.loads(f"value = {text}")["value"]


def real(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from real(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", ... if field.is_required() else plain(field.default)


def plain(value: object) -> object:
    """As TOML would write it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return list(value) if isinstance(value, tuple | frozenset) else value


def test_the_settings_page_has_every_core_setting_with_its_default() -> None:
    settings = dict(real(Settings))
    del settings["plugins"]
    assert stated("Core") == settings


@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_the_settings_page_has_every_setting_of_a_built_in_plugin(name: str) -> None:
    assert stated(f"`[plugins.{name}]`") == dict(real(BUILTIN[name].cectrust_settings_section()))


def test_every_key_of_cecsigns_settings_is_in_its_readme() -> None:
    from cectrust_cecsign.settings import CecsignSettings

    readme = (ROOT / "plugins" / "cecsign" / "README.md").read_text()
    assert [key for key in CecsignSettings.model_fields if not re.search(rf"\b{key}\b", readme)] == []


@pytest.mark.parametrize("example", re.findall(r"^```toml\n(.*?)^```$", ADMINS.read_text(), re.MULTILINE | re.DOTALL))
def test_an_example_of_a_settings_file_is_one(example: str, tmp_path: Path) -> None:
    (tmp_path / "cectrust.toml").write_text(example)
    settings = load_settings(tmp_path / "cectrust.toml", {})
    for name, section in settings.plugins.items():
        BUILTIN[name].cectrust_settings_section()(**section)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_exists(page: Path) -> None:
    text = page.read_text().replace("\\\n", " ")
    named = set(re.findall(r"\bcectrust (?:--settings \S+ )?([a-z]+(?: [a-z-]+)?)(?= |$|`)", text, re.MULTILINE))
    assert sorted(command for command in named if not exists(command.split())) == []


def exists(words: list[str]) -> bool:
    from cectrust_cecsign.commands import cecsign

    first = cecsign if words[0] == "cecsign" else cectrust.commands.get(words[0])
    if isinstance(first, click.Group) and len(words) > 1:
        return words[1] in first.commands
    return first is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_the_bridge_on_a_page_exists(page: Path) -> None:
    text = page.read_text().replace("\\\n", " ")
    assert sorted(words for words in set(BRIDGE.findall(text)) if not bridge_takes(words.split())) == []


def bridge_takes(words: list[str]) -> bool:
    """The commands as far as they go, and then every option; what else is there are arguments."""
    from cectrust_bridge import cli

    parser = cli._parser()
    for word in words:
        below = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        if word.startswith("-"):
            if word not in parser._option_string_actions:
                return False
        elif below:
            if word not in below[0]:
                return False
            parser = below[0][word]
    return True


def test_no_hook_is_without_documentation() -> None:
    assert sorted(HOOK.findall(HOOKS.read_text())) == sorted(hooks())


def hooks() -> list[str]:
    return [name for name in vars(hookspecs.Hooks) if name.startswith("cectrust_")]


def test_every_hook_says_in_code_what_none_means() -> None:
    assert [name for name in hooks() if "``None``" not in (getattr(hookspecs.Hooks, name).__doc__ or "")] == []


def test_the_example_plugin_is_one_that_the_plugin_manager_takes(tmp_path: Path) -> None:
    plugin = types.ModuleType("cectrust_example")
    blocks = re.findall(r"^```python\n(.*?)^```$", HOOKS.read_text(), re.MULTILINE | re.DOTALL)
    exec("\n".join(block for block in blocks if "tests/" not in block), vars(plugin))  # noqa: S102 -- our own page
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs.Hooks)
    manager.register(plugin, name="example")
    manager.check_pending()
    assert {name for name in hooks() if not getattr(manager.hook, name).get_hookimpls()} == set()
    assert manager.hook.cectrust_jobs(context=None)[0][0].name == "tidy"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = [found for found in LINK.findall(page.read_text()) if not found[0].startswith(("http", "mailto:"))]
    wrong = [target + anchor for target, anchor in links if not leads(page.parent / target if target else page, anchor)]
    assert wrong == []


def leads(target: Path, anchor: str) -> bool:
    if anchor and target.suffix == ".md":
        return target.exists() and anchor.removeprefix("#") in anchors(target)
    return target.exists()


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings: letters small, spaces to dashes, no other signs; and those set by hand."""
    text = page.read_text()
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text))
    return {*headings, *re.findall(r'<a (?:id|name)="([^"]+)"', text)}


def test_the_ranges_of_the_decisions_cover_every_number() -> None:
    folder = DOCS / "decisions"
    ranges = re.findall(r"(\d{3})–(\d{3}) ", (folder / "README.md").read_text())
    numbers = [page.name[:3] for page in folder.glob("[0-9]*.md")]
    assert [number for number in sorted(numbers) if not any(a <= number <= b for a, b in ranges)] == []


def test_every_picture_is_shown_somewhere_and_small() -> None:
    shown = {(page.parent / target).resolve() for page in PAGES for target, _ in LINK.findall(page.read_text())}
    pictures = {picture.resolve() for picture in DOCS.rglob("*.png")}
    assert sorted(pictures - shown) == []
    assert [picture.name for picture in pictures if picture.stat().st_size > IMAGE_BYTES] == []


def test_the_documentation_stays_small_enough_to_carry() -> None:
    assert sum(file.stat().st_size for file in DOCS.rglob("*") if file.is_file()) < DOCS_BYTES


def test_the_pages_name_no_real_address() -> None:
    """Addresses are of the domains that exist for examples (RFC 2606, and JPRS' example.jp)."""
    found = {
        (page.name, host)
        for page in PAGES
        for host in re.findall(r"[\w.-]+@([\w.-]+\.[a-z]{2,})", page.read_text())
        if not host.endswith((".invalid", "example.jp", "example.com", ".example"))
    }
    assert json.dumps(sorted(found)) == "[]"
