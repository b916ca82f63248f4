"""The list of attacks for reviewers is true: each has its tests, each test of the attack files is listed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from cectrust_bridge import errors
from cectrust_bridge.errors import BridgeError
from cectrust_bridge.formats import rpc_errors

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reviewers" / "attacks.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.splitlines() if "::test_" in line]
NAMED = {name for row in ROWS for name in re.findall(r"`([\w/]+\.py::test_\w+)`", row[-1])}
WHOLE_FILES = re.findall(r"`(bridge/tests/test_\w+\.py)`", PAGE.split("(*all*):")[1].split("##")[0])
MUST_EXIST = (
    "foreign", "`null`", "absent", "doubled", "suffix", "case variants of Origin", "doubled Host",
    "real rebinding", "frame with and without `allow`", "wrong key", "`alg:none`", "unpaired kid", "wrong origin",
    "wrong aud", "wrong cn", "expired", "replayed on this connection", "replayed on another connection",
    "one byte differs", "swapped after consent", "ByteRange gaps", "attribute smuggling", "bidi title",
    "oversize", "fragmented", "bomb", "invalid UTF-8", "deep JSON", "chunk lies", "slow-loris", "silent client",
    "connection flood", "two tabs, one token", "pulled before", "pulled during", "pulled after",
    "pulled between a batch", "*different* token", "countdown", "worker crash and hang",
    "permission denied, ignored, bridge absent", "PIN appears nowhere", "another OS user", "squatted port",
    "without the handshake", "lying paired server: claims A, sends B", "XSS on the paired origin",
)  # fmt: skip


def defined_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        f"{path}::{each.name}" for each in tree.body if isinstance(each, ast.FunctionDef) and "test_" in each.name[:5]
    }


def codes() -> set[str]:
    kinds = [kind for module in (errors, rpc_errors) for kind in vars(module).values() if isinstance(kind, type)]
    return {f"−{-kind.code}" for kind in kinds if issubclass(kind, BridgeError)}


def test_every_test_that_the_list_names_exists() -> None:
    assert {name for name in NAMED if name not in defined_in(name.partition("::")[0])} == set()


def test_every_test_of_an_attack_file_is_on_the_list() -> None:
    assert len(WHOLE_FILES) >= 4
    assert {name for path in WHOLE_FILES for name in defined_in(path)} - NAMED == set()


def test_every_code_on_the_list_is_one_of_the_bridges() -> None:
    listed = {code for row in ROWS for code in re.findall(r"−\d+", row[1])}
    assert len(listed) > 15
    assert listed - codes() == set()


@pytest.mark.parametrize("attack", MUST_EXIST)
def test_an_attack_that_must_be_tried_is_on_the_list(attack: str) -> None:
    assert [row for row in ROWS if attack in row[0]]


def test_every_row_names_an_answer_and_a_test() -> None:
    assert [row for row in ROWS if len(row) != 3 or not row[1] or "::" not in row[2]] == []
