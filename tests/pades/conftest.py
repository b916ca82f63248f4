"""One PKI and one concluded contract for the whole session; tests copy what they change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.contracts import concluded
from tests.support.pki import Pki, build_pki

FIXTURES = Path(__file__).parent.parent / "fixtures" / "pdf"


@pytest.fixture(scope="session")
def pki() -> Pki:
    return build_pki()


@pytest.fixture(scope="session")
def contract() -> Path:
    """The contract text as WeasyPrint makes it."""
    return FIXTURES / "weasyprint.pdf"


@pytest.fixture(scope="session")
def revisions(pki: Pki, contract: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A contract signed by two people and extended to B-LTA, with every earlier revision."""
    return concluded(contract, tmp_path_factory.mktemp("contract"), pki)
