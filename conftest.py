"""What every suite of the repository shares: tests that need the bridge's fixed ports take turns."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
FIXED_PORTS = (ROOT / "bridge" / "tests", ROOT / "tests" / "e2e")
"""A bridge listens on 48710–48712 of the whole machine, so these run one after another, in one process."""


@pytest.hookimpl(tryfirst=True)  # the scheduler reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in FIXED_PORTS):
            item.add_marker(pytest.mark.xdist_group("ports"))
