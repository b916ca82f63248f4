"""Fixtures: a running bridge, a token, pages; what they are made of is in ``bridge_house``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "vectors")]

import byterange_cases  # noqa: E402  # both folders are put on the path above
from bridge_house import KEYS, PIN, House, SoftToken  # noqa: E402
from cectrust_bridge.profile import Profile  # noqa: E402
from doctor_house import Computer  # noqa: E402
from driver import ORIGIN, Page, Server  # noqa: E402
from pairing_site import Authority, PairingSite, served  # noqa: E402


@pytest.fixture(scope="session")
def filled_token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    """The pattern that tests copy: making keys takes seconds."""
    token = SoftToken(tmp_path_factory.mktemp("pattern") / "token")
    token.initialise(token.label)
    for number, name in enumerate(KEYS, 1):
        token.add(name, number)
    return token


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory, filled_token: SoftToken) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    house = House(folder, filled_token.copy(folder / "token"))
    yield house
    house.bridge.stop()


@pytest.fixture
def house(shared_house: House) -> House:
    """The shared bridge with a willing person who knows the PIN."""
    shared_house.person.consent, shared_house.person.pin = "yes", PIN
    shared_house.person.forget()
    return shared_house


@pytest.fixture
def own_house(tmp_path: Path, filled_token: SoftToken) -> Iterator[House]:
    """A bridge and token that a test may break."""
    house = House(tmp_path, filled_token.copy(tmp_path / "token"), consent_seconds=5)
    yield house
    house.bridge.stop()


@pytest.fixture
def page(house: House) -> Iterator[Page]:
    page = house.page()
    yield page
    page.close()


@pytest.fixture(scope="session")
def pdf() -> bytes:
    """One empty page and one prepared signature field."""
    return byterange_cases.prepared()


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen: without one Chromium blocks on its own what it would ask."""
    readable, writable = os.pipe()
    command = ["Xvfb", "-displayfd", str(writable), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writable], stderr=subprocess.DEVNULL) as screen:
        os.close(writable)
        with os.fdopen(readable) as number:
            yield f":{number.readline().strip()}"
        screen.terminate()


@pytest.fixture
def site() -> Iterator[PairingSite]:
    with served(PairingSite()) as running:
        yield running


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile", tmp_path / "fleet", os.getuid())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def pc(tmp_path: Path) -> Computer:
    """A computer with nothing on it, for the doctor."""
    return Computer(tmp_path / "pc")


@pytest.fixture
def paired(pc: Computer) -> Computer:
    """The same with one paired server."""
    identity = pc.profile.identity()
    pc.pair(Server({"bridge_id": identity.bridge_id, "jwk": identity.jwk}, ORIGIN).pairing())
    return pc
