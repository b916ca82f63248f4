"""What real tokens do and SoftHSM2 never does: lock, vanish, be swapped, hang, crash, want their PIN each time."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cectrust_bridge
import pytest
import setuptools
from bridge_house import PIN
from cectrust_bridge.profile.settings import ProfileError, load
from driver import Page, PageError, b64, document, unb64
from fake_house import TOKEN, FakeHouse
from test_signing import check_signature

SPARE = {**TOKEN, "serial": "0002", "spare": True}


@pytest.fixture
def page(fake: FakeHouse) -> Iterator[Page]:
    page = fake.page()
    yield page
    page.close()


def choose(page: Page, kind: str = "rsa") -> dict[str, Any]:
    return next(each for each in page.certificates() if each["key_type"] == kind)


def refusal(page: Page, chosen: dict[str, Any], pdfs: list[bytes]) -> PageError:
    with pytest.raises(PageError) as error:
        page.sign(chosen, pdfs)
    return error.value


def test_T24_wrong_pins_count_down_to_the_lock(fake: FakeHouse, page: Page, pdf: bytes) -> None:
    chosen = choose(page)
    fake.person.pin = "00000000"
    first, second = refusal(page, chosen, [pdf]), refusal(page, chosen, [pdf])
    assert (first.name, first.data["pin_state"]) == ("pin_incorrect", "low")
    assert (second.name, second.data["pin_state"]) == ("pin_final_try", "final")
    fake.person.last = "no"
    assert refusal(page, chosen, [pdf]).name == "pin_final_try"
    assert page.requested("token.list", "token.list")["tokens"][0]["pin_state"] == "final", "declining costs no try"
    fake.person.last = "LAST"
    assert refusal(page, chosen, [pdf]).name == "pin_locked"
    fake.person.pin = PIN
    fake.person.forget()
    assert refusal(page, chosen, [pdf]).name == "pin_locked"
    assert "PIN for" not in fake.person.transcript, "nobody is asked for the PIN of a locked token"


def test_T24_the_right_pin_at_the_last_try_sets_the_counter_back(fake: FakeHouse, page: Page, pdf: bytes) -> None:
    chosen = choose(page)
    fake.person.pin = "00000000"
    for _ in range(2):
        refusal(page, chosen, [pdf])
    fake.person.pin = PIN
    assert page.sign(chosen, [pdf])["signed"]
    assert page.requested("token.list", "token.list")["tokens"][0]["pin_state"] == "normal"


def test_T24_a_last_try_that_came_about_while_the_person_read_is_not_spent_without_his_word(
    fake: FakeHouse, page: Page, pdf: bytes
) -> None:
    chosen = choose(page)
    fake.person.consent, fake.person.pin = None, "00000000"
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    fake.person.wait_for("sign? [yes/no]")
    fake.use_up_tries(2)
    fake.person.say("yes")
    with pytest.raises(PageError, match="pin_final_try") as error:
        page.answer(confirm)
    assert error.value.data["pin_state"] == "final"
    assert (fake.state()["wrong"], "LAST" in fake.person.transcript) == ({TOKEN["serial"]: 2}, False)
    fake.person.consent, fake.person.pin = "yes", PIN
    assert page.sign(chosen, [pdf])["signed"]
    assert "type LAST to risk the last try" in fake.person.transcript


@pytest.mark.parametrize("do", ["remove", "swap"])
def test_a_token_pulled_between_two_signatures_ends_the_batch(fake: FakeHouse, page: Page, pdf: bytes, do: str) -> None:
    chosen = choose(page)
    fake.plug(TOKEN, SPARE, events=({"at": "sign", "nth": 2, "do": do},))
    fake.person.forget()
    report = page.sign(chosen, [pdf, pdf, pdf])
    assert (report["signed"], report["unsigned"]) == (["doc-1"], ["doc-2", "doc-3"])
    assert report["failure"] == "token_removed"
    assert fake.person.transcript.count("PIN for") == 1, "never tried again, never on the other token"


def test_a_token_pulled_at_log_in_signs_nothing(fake: FakeHouse, page: Page, pdf: bytes) -> None:
    chosen = choose(page)
    fake.plug(TOKEN, events=({"at": "login", "do": "remove"},))
    error = refusal(page, chosen, [pdf])
    assert error.name == "token_removed"


def test_a_token_pulled_at_a_log_in_is_told_in_the_protocols_words_alone(fake: FakeHouse, page: Page) -> None:
    chosen = choose(page)
    fake.plug(TOKEN, events=({"at": "login", "do": "remove"},))
    auth = {"nonce": b64(bytes(32)), "purpose": "login", "act": None}
    with pytest.raises(PageError, match="token_removed") as error:
        page.requested(
            "auth.sign", "auth.sign", cert_sha256=chosen["sha256"], mechanism=chosen["mechanisms"][0], auth=auth
        )
    assert set(error.value.data) == {"ja", "en"}


def test_a_driver_that_crashes_is_replaced_and_the_counter_is_the_tokens(
    fake: FakeHouse, page: Page, pdf: bytes
) -> None:
    chosen = choose(page)
    fake.person.pin = "00000000"
    refusal(page, chosen, [pdf])
    fake.plug(TOKEN, events=({"at": "sign", "do": "crash"},))
    fake.person.pin = PIN
    assert refusal(page, chosen, [pdf]).name == "device_error"
    assert page.sign(chosen, [pdf])["signed"]


def test_a_driver_that_hangs_at_log_in_is_killed_by_cancel(fake: FakeHouse, page: Page, pdf: bytes) -> None:
    chosen = choose(page)
    fake.plug(TOKEN, events=({"at": "login", "do": "hang"},))
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    page.wait_for_phase("signing")
    fake.wait_until(lambda state: state["past"])
    page.call("sign.cancel", jti=jti)
    with pytest.raises(PageError, match="user_cancelled"):
        page.answer(confirm)
    assert page.sign(chosen, [pdf])["signed"]


def test_a_drivers_words_reach_neither_page_nor_log(fake: FakeHouse, page: Page, pdf: bytes) -> None:
    chosen = choose(page)
    fake.plug(TOKEN, events=({"at": "sign", "do": "error"},))
    error = refusal(page, chosen, [pdf])
    assert error.name == "device_error"
    assert "driver's words" not in repr(error.data) + fake.bridge.log.read_text()


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_key_that_wants_its_pin_each_time_gets_it_for_a_batch(
    fake: FakeHouse, page: Page, pdf: bytes, kind: str
) -> None:
    fake.plug({**TOKEN, "always_authenticate": True})
    chosen = choose(page, kind)
    fake.person.forget()
    assert page.sign(chosen, [pdf, pdf])["failure"] is None
    for result in page.results:
        check_signature(unb64(chosen["der"]), result["document"])
    assert fake.person.transcript.count("PIN for") == 1


@pytest.mark.parametrize(("pinpad", "outcome"), [("yes", ""), ("cancel", "user_cancelled")])
def test_a_protected_path_takes_the_pin_itself(
    fake: FakeHouse, page: Page, pdf: bytes, pinpad: str, outcome: str
) -> None:
    fake.plug({**TOKEN, "flags": ["PROTECTED_AUTHENTICATION_PATH"], "pinpad": pinpad})
    chosen = choose(page)
    fake.person.forget()
    if outcome:
        assert refusal(page, chosen, [pdf]).name == outcome
    else:
        assert page.sign(chosen, [pdf])["signed"]
    assert "PIN for" not in fake.person.transcript


def test_a_key_that_wants_its_pin_each_time_on_the_tokens_own_keys_is_refused(
    fake: FakeHouse, page: Page, pdf: bytes
) -> None:
    fake.plug({**TOKEN, "flags": ["PROTECTED_AUTHENTICATION_PATH"], "always_authenticate": True})
    chosen = choose(page)
    fake.person.forget()
    assert refusal(page, chosen, [pdf]).name == "mechanism_unsupported"
    assert "PIN for" not in fake.person.transcript


def test_mechanisms_are_those_of_the_token(fake: FakeHouse, page: Page, pdf: bytes) -> None:
    fake.plug({**TOKEN, "mechanisms": ["RSA_PKCS"]})
    [token] = page.requested("token.list", "token.list")["tokens"]
    assert (token["mechanisms"], token["key_types"]) == (["rsa_pkcs1v15_sha256"], [])
    assert choose(page, "ec")["mechanisms"] == []
    chosen = choose(page)
    page.sign(chosen, [pdf])
    check_signature(unb64(chosen["der"]), page.results[0]["document"])


def test_of_two_tokens_with_one_serial_number_the_holder_of_the_certificate_signs(
    fake: FakeHouse, page: Page, pdf: bytes
) -> None:
    fake.plug({**TOKEN, "keys": []}, TOKEN)
    assert page.sign(choose(page), [pdf])["signed"]


@pytest.mark.parametrize("broken", ["info", "mechanisms", "objects"])
def test_beside_a_token_that_errs_another_signs(fake: FakeHouse, page: Page, pdf: bytes, broken: str) -> None:
    fake.plug({**TOKEN, "serial": "0666", "broken": broken}, TOKEN)
    assert {each["token"]["serial"] for each in page.certificates()} == {"0001"}
    assert page.sign(choose(page), [pdf])["signed"]
    fake.plug({**TOKEN, "serial": "0666", "broken": broken})
    with pytest.raises(PageError, match="device_error"):
        page.certificates()


def test_a_page_that_may_list_is_told_when_tokens_change(fake: FakeHouse, page: Page) -> None:
    choose(page)
    fake.plug()
    page.wait_for_method("token.changed")
    with pytest.raises(PageError, match="no_token"):
        choose(page)
    fake.plug(TOKEN, SPARE)
    page.wait_for_method("token.changed")
    assert choose(page)


def test_a_page_whose_log_in_found_no_token_is_told_when_it_is_there(fake: FakeHouse, page: Page) -> None:
    chosen = choose(page)
    page.close()
    page = fake.page()
    auth = {"nonce": b64(bytes(32)), "purpose": "login", "act": None}
    claims = {"cert_sha256": chosen["sha256"], "mechanism": chosen["mechanisms"][0], "auth": auth}
    for tokens, outcome in [((), "no_token"), (({**TOKEN, "serial": "0002", "keys": []},), "cert_not_found")]:
        fake.plug(*tokens)
        with pytest.raises(PageError, match=outcome):
            page.requested("auth.sign", "auth.sign", **claims)
        fake.plug(TOKEN)
        page.wait_for_method("token.changed")
        assert page.requested("auth.sign", "auth.sign", **claims)["cert_sha256"] == chosen["sha256"]
    page.close()


def test_a_page_that_may_not_list_is_told_nothing(fake: FakeHouse, page: Page) -> None:
    """Two servers would be needed for two origins; here the page's leave to list is taken back."""
    choose(page)
    [consent] = (fake.bridge.profile / "consents").iterdir()
    fake.plug()
    page.wait_for_method("token.changed")
    consent.unlink()
    fake.plug(TOKEN)
    page.methods.clear()
    seen = fake.state()["counts"]["list"]
    fake.wait_until(lambda state: state["counts"]["list"] > seen)
    page.call("env.check")
    assert page.methods == []


def test_no_installed_bridge_can_be_told_to_use_a_fake(tmp_path: Path) -> None:
    package = Path(cectrust_bridge.__file__).parent
    told = [path for path in package.rglob("*.py") if re.search(r"\bfake|mock", path.read_text(encoding="utf-8"), re.I)]
    assert told == []
    setup = configparser.ConfigParser()
    setup.read(package.parent / "setup.cfg", encoding="utf-8")
    installed = setuptools.find_packages(package.parent, include=[setup["options.packages.find"]["include"]])
    assert all(name.split(".")[0] == "cectrust_bridge" for name in installed)
    (tmp_path / "config.toml").write_text('[[fake]]\nname = "F"\npath = "/tmp/script.json"\n')
    with pytest.raises(ProfileError):
        load(tmp_path)
