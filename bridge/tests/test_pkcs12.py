"""PKCS#12 files as key stores: added once, signed with like a token; and files that are no such thing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pkcs12
from bridge_house import KEYS, PIN, House, SoftToken, certificate_of
from cectrust_bridge.tokens import pkcs12_limits, pkcs12_store
from cectrust_bridge.tokens.failures import Failure
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from driver import Page, PageError, document, unb64
from running import BRIDGE
from test_keys import auth
from test_signing import check_signature

MADE = {
    "rsa": ["-name", "山田太郎"],
    "p256": [],
    "rc2": ["-legacy"],
    "des": ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"],
}


def make(folder: Path, kind: str, *options: str) -> Path:
    """A file as a partner's authority delivers it, by OpenSSL; the issuer's certificate inside as well."""
    key = KEYS["p256" if kind == "p256" else "rsa"]()
    pem, certificate, issuer = folder / "key.pem", folder / "cert.pem", folder / "issuer.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(x509.load_der_x509_certificate(certificate_of(key, kind)).public_bytes(Encoding.PEM))
    other = x509.load_der_x509_certificate(certificate_of(KEYS["p256"](), "発行者"))
    issuer.write_bytes(other.public_bytes(Encoding.PEM))
    file = folder / f"{kind}.p12"
    command = ["openssl", "pkcs12", "-export", "-inkey", pem, "-in", certificate, "-certfile", issuer, "-out", file]
    subprocess.run([*command, "-passout", f"pass:{PIN}", *options], check=True, capture_output=True)
    pem.unlink()
    return file


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    return {kind: make(folder, kind, *options) for kind, options in MADE.items()}


@pytest.fixture(scope="module")
def file_house(tmp_path_factory: pytest.TempPathFactory, files: dict[str, Path]) -> Iterator[House]:
    """A bridge without a module, to which every file was added on the command line."""
    folder = tmp_path_factory.mktemp("house")
    house = House(folder, SoftToken(folder / "token"))
    house.bridge.stop()
    (house.bridge.profile / "config.toml").write_text("discover = false\n")
    for file in files.values():
        assert add(house, shutil.copy(file, folder)).returncode == 0
    house.bridge = type(house.bridge)(house.bridge.profile, house.token.environment)
    house.person.pin = PIN
    yield house
    house.bridge.stop()


def add(house: House, file: Path, password: str = PIN) -> subprocess.CompletedProcess[str]:
    command = [*BRIDGE, "keystores", "add", str(file), "--profile", str(house.bridge.profile)]
    return subprocess.run(command, input=password + "\n", capture_output=True, text=True, check=False)


@pytest.fixture
def page(file_house: House) -> Iterator[Page]:
    file_house.person.pin = PIN
    page = file_house.page()
    yield page
    page.close()


def choose(page: Page, kind: str) -> dict[str, Any]:
    return next(each for each in page.certificates() if each["token"]["label"] == f"{kind}.p12")


@pytest.mark.parametrize("kind", MADE)
def test_a_file_signs_like_a_token(page: Page, pdf: bytes, kind: str) -> None:
    chosen = choose(page, kind)
    assert (chosen["token"]["model"], chosen["token"]["key_types"]) == ("PKCS#12", [])
    page.sign(chosen, [pdf, pdf])
    for result in page.results:
        check_signature(unb64(chosen["der"]), result["document"])
    assert auth(page, chosen)["signature"]


def test_a_wrong_password_stops(file_house: House, page: Page, pdf: bytes) -> None:
    chosen = choose(page, "p256")
    file_house.person.pin = "00000000"
    file_house.person.forget()
    with pytest.raises(PageError, match="pin_incorrect"):
        page.sign(chosen, [pdf])
    assert file_house.person.transcript.count("PIN for") == 1


def test_a_file_makes_no_keys(page: Page) -> None:
    token = {name: choose(page, "rsa")["token"][name] for name in ("module", "serial", "model")}
    key = {"type": "rsa2048", "label": "x", "change_pin": False}
    with pytest.raises(PageError, match="mechanism_unsupported"):
        page.requested("key.generate", "key.generate", token=token, key=key)


def test_a_file_that_was_exchanged_after_the_question_does_not_sign(
    file_house: House, page: Page, pdf: bytes, tmp_path: Path
) -> None:
    chosen = choose(page, "rsa")
    file = file_house.bridge.profile.parent / "rsa.p12"
    before = shutil.copy(file, tmp_path / "before")
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    file_house.person.forget()
    file_house.person.consent = None
    confirm = page.start("sign.confirm", jti=jti)
    file_house.person.wait_for("sign? [yes/no]")
    shutil.copy(make(tmp_path, "rsa"), file)
    file_house.person.consent = "yes"
    file_house.person.say("yes")
    try:
        with pytest.raises(PageError, match="token_removed"):
            page.answer(confirm)
    finally:
        os.replace(before, file)


def test_a_wrong_password_adds_nothing(file_house: House, tmp_path: Path) -> None:
    done = add(file_house, make(tmp_path, "other"), "geheim-4711")
    assert done.returncode == 1
    assert "pin_incorrect" in done.stderr
    assert "geheim" not in done.stderr + done.stdout
    assert not list((file_house.bridge.profile / "keystores").glob("other*"))


def test_what_is_no_such_file_is_not_added(file_house: House, tmp_path: Path) -> None:
    (tmp_path / "broken.p12").write_bytes(b"0\x82\xff\xff" + bytes(64))
    done = add(file_house, tmp_path / "broken.p12")
    assert (done.returncode, "device_error" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def bomb(octets: bytes, where: str) -> bytes:
    """The same file, asking for 2³¹−1 rounds in one place."""
    pfx = pkcs12.Pfx.load(octets)
    if where == "mac":
        pfx["mac_data"]["iterations"] = 2**31 - 1
        return bytes(pfx.dump(force=True))
    rounds = b"\x02\x02\x08\x00"
    assert octets.count(rounds) == 3, "certificates, key, and the MAC at the end"
    place = octets.index(rounds) if where == "certificates" else octets.index(rounds, octets.index(rounds) + 1)
    return octets[:place] + b"\x02\x02\x7f\xff" + octets[place + 4 :]


def test_a_file_that_asks_for_years_of_work_is_refused_before_any_password(files: dict[str, Path]) -> None:
    with pytest.raises(pkcs12_limits.UnfitFile, match="iterations"):
        pkcs12_limits.check(bomb(files["rsa"].read_bytes(), "mac"))


@pytest.mark.parametrize("where", ["certificates", "key"])
def test_rounds_are_counted_in_every_part(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setattr(pkcs12_limits, "MAX_ITERATIONS", 2048)
    pkcs12_limits.check(files["rsa"].read_bytes())
    with pytest.raises(pkcs12_limits.UnfitFile, match="iterations"):
        pkcs12_limits.check(bomb(files["rsa"].read_bytes(), where))


def test_a_cut_file_is_an_error_of_ours_wherever_it_is_cut(files: dict[str, Path]) -> None:
    octets = files["p256"].read_bytes()
    for end in range(0, len(octets), 41):
        with pytest.raises(pkcs12_limits.UnfitFile):
            pkcs12_limits.check(octets[:end])


def test_a_changed_file_is_a_wrong_password(files: dict[str, Path]) -> None:
    octets = bytearray(files["p256"].read_bytes())
    octets[200] ^= 1
    with pytest.raises((Failure, pkcs12_limits.UnfitFile)):
        pkcs12_store.opened(bytes(octets), PIN)
