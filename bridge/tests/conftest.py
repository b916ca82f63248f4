"""Fixtures: a running bridge, a token, pages; what they are made of is in ``bridge_house``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "vectors")]

import byterange_cases  # noqa: E402  # both folders are put on the path above
from bridge_house import KEYS, PIN, House, SoftToken  # noqa: E402
from cectrust_bridge.profile.folder import Profile  # noqa: E402
from cectrust_bridge.tokens.timeouts import Timeouts  # noqa: E402
from consenting import Ask, asking  # noqa: E402
from dist_house import Built, Desk, build, build_newer, publish  # noqa: E402
from doctor_house import Computer  # noqa: E402
from doctor_patient import Patient  # noqa: E402
from driver import ORIGIN, Page, Server  # noqa: E402
from fake_house import HERE, FakeHouse, write_keys  # noqa: E402
from machine import Machine  # noqa: E402
from pairing_site import Authority, PairingSite, served  # noqa: E402
from screen import virtual_screen  # noqa: E402
from site_server import HELPERS  # noqa: E402
from two_stores import MakeStores, TwoStores  # noqa: E402

CHROMIUM = Path("/usr/bin/chromium")
Open = Callable[..., Any]


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
    house = House(tmp_path, filled_token.copy(tmp_path / "token"))
    yield house
    house.bridge.stop()


@pytest.fixture
def impatient_house(tmp_path: Path, filled_token: SoftToken) -> Iterator[House]:
    """A bridge that waits five seconds for its person."""
    house = House(tmp_path, filled_token.copy(tmp_path / "token"), consent_seconds=5)
    yield house
    house.bridge.stop()


@pytest.fixture(scope="session")
def shared_fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHouse]:
    folder = tmp_path_factory.mktemp("fake")
    write_keys(folder)
    house = FakeHouse(folder, consent_seconds=10, poll_seconds=1)
    yield house
    house.bridge.stop()


@pytest.fixture
def fake(shared_fake: FakeHouse) -> FakeHouse:
    """The card as it was made, and a willing person who knows its PIN."""
    shared_fake.reset()
    return shared_fake


@pytest.fixture(scope="session")
def fake_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    write_keys(folder)
    return folder


@pytest.fixture
def two_stores(tmp_path: Path, fake_keys: Path, monkeypatch: pytest.MonkeyPatch) -> MakeStores:
    """Scripted stores whose workers this process starts."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    return lambda **seconds: TwoStores(tmp_path, fake_keys, Timeouts(**seconds))


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
    with virtual_screen("1280x900") as display:
        yield display


@pytest.fixture(scope="session")
def small_display() -> Iterator[str]:
    """The smallest screen that is supported. Tk ends the process with a screen that it has once drawn on."""
    with virtual_screen("1024x768") as display:
        yield display


@pytest.fixture(scope="module")
def chromium() -> Iterator[Open]:
    """Launches Chromium with more arguments; one process per set of arguments."""
    from playwright import sync_api as playwright

    with playwright.sync_playwright() as started:
        launched: dict[tuple[str | None, ...], Any] = {}

        def browser(*arguments: str, display: str | None = None) -> Any:
            if (*arguments, display) not in launched:
                launched[*arguments, display] = started.chromium.launch(
                    executable_path=str(CHROMIUM),
                    args=["--no-sandbox", *arguments],
                    headless=display is None,
                    env=None if display is None else {**os.environ, "DISPLAY": display},
                )
            return launched[*arguments, display]

        yield browser
        for each in launched.values():
            each.close()


@pytest.fixture
def open_page(chromium: Open, site: Any) -> Iterator[Open]:
    """Opens a page of the module's own ``site``, with ``HELPERS`` in it."""
    contexts = []

    def opened(
        *arguments: str,
        host: str = "localhost",
        display: str | None = None,
        prepare: Callable[[Any], None] = lambda _: None,
    ) -> Any:
        context = chromium(*arguments, display=display).new_context()
        contexts.append(context)
        prepare(context)
        page = context.new_page()
        page.goto(f"http://{host}:{site.port}/")
        page.evaluate(HELPERS)
        return page

    yield opened
    for context in contexts:
        context.close()


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


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The bundle and the package of this source."""
    return build(Path(__file__).parents[2], tmp_path_factory.mktemp("built") / "dist")


@pytest.fixture(scope="session")
def publisher_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pinned publisher's key and manifest, and another's."""
    folder = tmp_path_factory.mktemp("publisher")
    for name in ("pinned", "other"):
        publish(folder, name)
    return folder


@pytest.fixture(scope="session")
def newer(tmp_path_factory: pytest.TempPathFactory, publisher_keys: Path) -> Built:
    """A later version of the same, with the pinned publisher's key."""
    return build_newer(tmp_path_factory.mktemp("newer"), publisher_keys / "pinned.json")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A copy of this machine that may be spoilt."""
    if os.getuid() != 0:
        pytest.skip("installing a package on a copy of this machine takes root")
    (tmp_path / "machine").mkdir()
    machine = Machine(tmp_path / "machine", tmp_path.parents[1])
    yield machine
    machine.close()


@pytest.fixture
def installed(machine: Machine, built: Built) -> Machine:
    """With the package installed by dpkg."""
    machine.run("dpkg", "--install", str(built.package))
    return machine


@pytest.fixture
def desk(installed: Machine, tmp_path: Path, filled_token: SoftToken) -> Iterator[Desk]:
    """A person at the installed bridge."""
    desk = Desk(installed, tmp_path, filled_token.copy(tmp_path / "token"))
    yield desk
    desk.leave()


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


@pytest.fixture
def patient(tmp_path: Path, filled_token: SoftToken, site: PairingSite) -> Patient:
    ill = Patient(tmp_path, filled_token.copy(tmp_path / "token"), site.origin)
    [pairing] = (ill.profile / "servers").iterdir()
    pairing.write_text(json.dumps({**site.facts(), "user_hint": "髙﨑 𠮷乃"}), encoding="utf-8")
    return ill


@pytest.fixture
def ask(display: str, filled_token: SoftToken, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Opens a signing window for these documents."""
    monkeypatch.setenv("DISPLAY", display)
    with asking(filled_token) as ask_for:
        yield ask_for
