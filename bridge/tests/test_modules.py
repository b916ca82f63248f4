"""Which modules are loaded, which are not, and what the command line says about tokens."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bridge_house import MODULE, PIN, House
from cectrust_bridge.processes.process import Child
from cectrust_bridge.profile.settings import ProfileError, load
from cectrust_bridge.tokens import store, wellknown
from cectrust_bridge.tokens.kinds import StoreSetting
from cectrust_bridge.tokens.store import KeyStore
from cectrust_bridge.tokens.timeouts import Timeouts
from driver import Page, PageError
from fake_house import FakeHouse, write_keys
from running import BRIDGE


def names(folder: Path, config: str) -> list[str]:
    (folder / "config.toml").write_text(config)
    return [store.name for store in load(folder).stores]


OWN = '[[pkcs11]]\nname = "own"\npath = "/opt/own.so"\n'
SAME = f'discover = true\n[[pkcs11]]\nname = "own"\npath = "{MODULE}"\n'


def test_well_known_modules_are_found_unless_the_configuration_names_its_own(tmp_path: Path) -> None:
    found = [store.name for store in wellknown.present()]
    assert wellknown.SOFTHSM in found
    assert names(tmp_path, "") == found
    assert names(tmp_path, "discover = false") == []
    assert names(tmp_path, OWN) == ["own"]
    assert names(tmp_path, "discover = true\n" + OWN) == ["own", *found]
    assert wellknown.SOFTHSM not in names(tmp_path, SAME), "no library twice"


@pytest.mark.parametrize(
    "config",
    [
        "discover = 1",
        '[[pkcs12]]\nname = "x"\npath = "/x.p12"',
        "poll_seconds = 0",
        OWN + OWN,
        '[[pkcs11]]\nname = 1\npath = "/x"',
    ],
)
def test_a_wrong_configuration_of_key_stores_is_refused(tmp_path: Path, config: str) -> None:
    with pytest.raises(ProfileError):
        names(tmp_path, config)


def test_every_well_known_path_is_absolute_and_of_a_vendor() -> None:
    for system, places in wellknown.WELL_KNOWN.items():
        for name, path in places:
            assert path.startswith("C:\\" if system == "win32" else "/")
            assert name in (wellknown.SAFENET, wellknown.OPENSC, wellknown.SOFTHSM)


def test_a_module_that_others_may_write_is_not_loaded(own_house: House) -> None:
    own_house.bridge.stop()
    module = own_house.bridge.profile / "module.so"
    shutil.copy(MODULE, module)
    module.chmod(0o666)
    (own_house.bridge.profile / "config.toml").write_text(f'[[pkcs11]]\nname = "open"\npath = "{module}"\n')
    own_house.bridge = type(own_house.bridge)(own_house.bridge.profile, own_house.token.environment)
    page = own_house.page()
    page.hello()
    assert page.call("env.check")["modules"] == [{"name": "open", "state": "unsafe"}]
    with pytest.raises(PageError, match="no_module"):
        page.certificates()
    module.chmod(0o644)
    assert page.certificates()
    page.close()


def test_a_library_that_is_none_hides_no_other_module(own_house: House) -> None:
    own_house.bridge.stop()
    broken = own_house.bridge.profile / "broken.so"
    broken.write_bytes(b"\x7fELF" + bytes(64))
    config = own_house.bridge.profile / "config.toml"
    config.write_text(f'[[pkcs11]]\nname = "broken"\npath = "{broken}"\n[[pkcs11]]\nname = "S"\npath = "{MODULE}"\n')
    own_house.bridge = type(own_house.bridge)(own_house.bridge.profile, own_house.token.environment)
    page = own_house.page()
    assert {each["token"]["module"] for each in page.certificates()} == {"S"}
    page.close()


def test_a_token_that_two_modules_drive_shows_each_certificate_once(own_house: House) -> None:
    own_house.bridge.stop()
    other = own_house.bridge.profile / "other.so"
    shutil.copy(MODULE, other)
    config = own_house.bridge.profile / "config.toml"
    config.write_text(f'[[pkcs11]]\nname = "A"\npath = "{other}"\n[[pkcs11]]\nname = "B"\npath = "{MODULE}"\n')
    own_house.bridge = type(own_house.bridge)(own_house.bridge.profile, own_house.token.environment)
    page = own_house.page()
    assert {each["module"] for each in page.requested("token.list", "token.list")["tokens"]} == {"A", "B"}
    assert [each["token"]["module"] for each in page.certificates()] == ["A", "A"]
    page.close()


def run(
    house: House | FakeHouse, program: list[str], *arguments: str, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    environment = house.environment if isinstance(house, FakeHouse) else house.token.environment
    command = [*program, *arguments, "--profile", str(house.bridge.profile)]
    return subprocess.run(command, env=environment, input=typed, capture_output=True, text=True, check=False)


def test_the_command_line_lists_modules_and_tokens(house: House) -> None:
    shown = run(house, BRIDGE, "modules").stdout.splitlines()
    assert shown[0].split("\t") == ["SoftHSM2", "pkcs11", "ok", MODULE]
    assert house.token.label in shown[1]
    assert "PIN: normal" in shown[1]


def test_the_command_line_changes_the_pin_and_shows_none(own_house: House, pdf: bytes) -> None:
    typed = "\n".join((PIN, "47110815", "47110815", ""))
    done = run(own_house, BRIDGE, "pin", "change", typed=typed)
    assert (done.returncode, "=== DONE: pin changed ===" in done.stdout) == (0, True), done.stderr
    assert not any(pin in done.stdout + done.stderr for pin in (PIN, "47110815"))
    page = own_house.page()
    chosen = page.certificates()[0]
    with pytest.raises(PageError, match="pin_incorrect"):
        page.sign(chosen, [pdf])
    own_house.person.pin = "47110815"
    assert page.sign(chosen, [pdf])["signed"]
    page.close()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (("00000000", "47110815", "47110815"), "pin_incorrect"),
        ((PIN, "47110815", "47110816"), "user_cancelled"),
        ((PIN, "", ""), "user_cancelled"),
        ((PIN, "12", "12"), "pin_rejected"),
    ],
)
def test_a_change_of_pin_that_fails_changes_nothing(house: House, typed: tuple[str, ...], error: str) -> None:
    done = run(house, BRIDGE, "pin", "change", typed="\n".join((*typed, "")))
    assert (done.returncode, error in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHouse]:
    folder = tmp_path_factory.mktemp("fake")
    write_keys(folder)
    house = FakeHouse(folder)
    yield house
    house.bridge.stop()


CARD = {
    "label": "新しいカード",
    "serial": "0009",
    "model": "Card 5110",
    "pin": PIN,
    "flags": ["USER_PIN_TO_BE_CHANGED"],
}


def order(page: Page, serial: str = "0009", **key: object) -> dict[str, object]:
    token = {"module": "Fake", "serial": serial, "model": "Card 5110"}
    wanted = {"type": "rsa2048", "label": "x", "change_pin": False, **key}
    answer: dict[str, object] = page.requested("key.generate", "key.generate", token=token, key=wanted)
    return answer


def test_T1_a_transport_pin_is_changed_before_a_key_is_made(fake: FakeHouse) -> None:
    fake.reset()
    fake.plug(CARD)
    page = fake.page()
    with pytest.raises(PageError, match="pin_change_required"):
        order(page)
    assert "PIN for" not in fake.person.transcript
    fake.person.new_pin = PIN
    assert order(page, change_pin=True)["public_key"]
    page.close()


PROMISED = {
    "TOKEN": True,
    "PRIVATE": True,
    "SENSITIVE": True,
    "EXTRACTABLE": False,
    "SIGN": True,
    "DECRYPT": False,
    "UNWRAP": False,
    "DERIVE": False,
    "LOCAL": True,
    "NEVER_EXTRACTABLE": True,
}


@pytest.mark.parametrize("makes", [{name: value} for name, kept in PROMISED.items() for value in (not kept, None)])
def test_a_key_of_which_the_driver_does_not_say_that_it_is_as_promised_is_removed(
    fake: FakeHouse, makes: dict[str, bool | None]
) -> None:
    fake.reset()
    fake.plug({**CARD, "flags": [], "serial": "0010", "makes": makes})
    with contextlib.closing(fake.page()) as page, pytest.raises(PageError, match="device_error"):
        order(page, "0010")
    assert fake.state()["written"] == {"0010": 0}, "neither half stays"


def test_a_key_that_is_as_promised_stays(fake: FakeHouse) -> None:
    fake.reset()
    fake.plug({**CARD, "flags": [], "serial": "0011", "makes": PROMISED})
    with contextlib.closing(fake.page()) as page:
        assert order(page, "0011")["public_key"]
    assert fake.state()["written"] == {"0011": 2}


@pytest.mark.parametrize("kind", ["rsa3072", "rsa4096"])
def test_a_key_larger_than_the_token_says_is_not_tried(fake: FakeHouse, kind: str) -> None:
    fake.reset()
    fake.plug({**CARD, "flags": []})
    page = fake.page()
    with pytest.raises(PageError, match="mechanism_unsupported"):
        order(page, type=kind)
    page.close()


def test_a_pin_that_is_entered_on_the_token_is_changed_by_its_own_software(fake: FakeHouse) -> None:
    fake.reset()
    fake.plug({**CARD, "flags": ["PROTECTED_AUTHENTICATION_PATH"]})
    done = run(fake, [sys.executable, "-m", "fake_store", str(fake.script)], "pin", "change", typed="x\n" * 3)
    assert (done.returncode, "old PIN" in done.stdout) == (1, False), done.stdout
    assert "管理ソフト" in done.stderr
    page = fake.page()
    fake.person.forget()
    with pytest.raises(PageError, match="mechanism_unsupported") as error:
        order(page, change_pin=True)
    assert "管理ソフト" in error.value.data["ja"]
    assert "allow?" not in fake.person.transcript, "nobody is asked for what cannot be done"
    page.close()


def test_a_locked_token_is_not_asked_for_another_pin(fake: FakeHouse) -> None:
    fake.reset()
    fake.plug({**CARD, "flags": ["USER_PIN_LOCKED"]})
    done = run(fake, [sys.executable, "-m", "fake_store", str(fake.script)], "pin", "change", typed="x\n" * 3)
    assert (done.returncode, "pin_locked" in done.stderr, "old PIN" in done.stdout) == (1, True, False)


class Launched(Exception):
    """With what."""


def test_a_link_that_somebody_turns_after_the_look_at_it_changes_nothing_of_what_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, other, link = (tmp_path / name for name in ("judged.so", "other.so", "link.so"))
    judged.touch()
    other.touch()
    link.symlink_to(judged)

    def look(_: Path) -> bool:
        link.unlink()
        link.symlink_to(other)
        return False

    def launch(_: KeyStore, *setting: StoreSetting) -> Child:
        raise Launched(*(each.path for each in setting))

    monkeypatch.setattr(store, "writable_by_others", look)
    monkeypatch.setattr(KeyStore, "launch", launch)
    with pytest.raises(Launched) as launched:
        asyncio.run(KeyStore(StoreSetting("x", link), Timeouts()).tokens())
    assert launched.value.args == (judged.resolve(),)
