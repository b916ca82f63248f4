"""What becomes of connections that stand when their server is no longer paired, or is another one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bridge_house import PIN, House
from driver import ISSUER, Page, PageError, Server, document
from running import BRIDGE
from test_bulk import begun, ids, resumed
from test_signing import certificate
from websockets.exceptions import ConnectionClosed, InvalidStatus

NOT_PAIRED = -32002


def pairing_file(house: House) -> Path:
    return house.bridge.profile / "servers" / "demo.json"


def by_command(house: House) -> None:
    """As the person does it in a terminal, while the bridge runs; there is no server that could be told."""
    command = [*BRIDGE, "unpair", ISSUER, "--profile", str(house.bridge.profile)]
    assert subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 4


def by_another_key(house: House) -> None:
    other = Server(house.server.bridge).pairing()
    replace(pairing_file(house), json.dumps(other))


def by_another_issuer(house: House) -> None:
    replace(pairing_file(house), json.dumps(house.server.pairing() | {"issuer": "https://other.example"}))


def by_other_origins(house: House) -> None:
    replace(pairing_file(house), json.dumps(house.server.pairing() | {"origins": ["http://localhost:8001"]}))


def by_a_wrong_file(house: House) -> None:
    (house.bridge.profile / "servers" / "wrong.json").write_text("{")


ENDINGS = (by_command, by_another_key, by_another_issuer, by_other_origins, by_a_wrong_file)


def replace(path: Path, text: str) -> None:
    """Whole or not at all, as every careful writer does it."""
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def closed(page: Page) -> ConnectionClosed:
    """How the bridge closed it, whatever it said before."""
    with pytest.raises(ConnectionClosed) as ended:
        while True:
            page.socket.recv(20)
    page.close()
    return ended.value


def is_not_paired(refused: BaseException) -> bool:
    """By an answer, or by the closing if the bridge had noticed before the page asked."""
    if isinstance(refused, PageError):
        return (refused.code, refused.name) == (NOT_PAIRED, "not_paired")
    assert isinstance(refused, ConnectionClosed)
    return refused.rcvd is not None and (refused.rcvd.code, refused.rcvd.reason) == (1008, "not paired")


@pytest.mark.parametrize("end_pairing", ENDINGS)
def test_a_request_on_a_connection_that_stood_before_is_not_paired_any_more(
    own_house: House, end_pairing: Callable[[House], None]
) -> None:
    page = own_house.page()
    assert len(page.certificates()) == 2
    page.hello()
    request = own_house.server.request(page.cn, "cert.list")
    end_pairing(own_house)
    with pytest.raises((PageError, ConnectionClosed)) as refused:
        page.call("cert.list", **request)
    assert is_not_paired(refused.value)
    assert is_not_paired(closed(page))


@pytest.mark.parametrize("end_pairing", [by_command, by_a_wrong_file])
def test_an_idle_connection_is_closed_by_itself(own_house: House, end_pairing: Callable[[House], None]) -> None:
    page = own_house.page()
    page.hello()
    end_pairing(own_house)
    assert is_not_paired(closed(page))


def test_no_method_at_all_answers_who_is_not_paired(own_house: House) -> None:
    """Not those without a request either."""
    hello = {"min": 1, "max": 1, "challenge": "A" * 43}
    parameters: dict[str, dict[str, Any]] = {"hello": hello, "env.check": {}, "sign.ack": {"jti": "j" * 16}}
    pages = {method: own_house.page() for method in parameters}
    for page in pages.values():
        page.hello()
    pairing_file(own_house).unlink()
    for method, page in pages.items():
        with pytest.raises((PageError, ConnectionClosed)) as refused:
            page.call(method, **parameters[method])
        assert is_not_paired(refused.value)
        page.close()


def test_what_the_person_still_reads_is_cancelled_and_the_next_one_may_sign(own_house: House, pdf: bytes) -> None:
    own_house.person.pin = PIN
    page = own_house.page()
    chosen = certificate(page, "ec")
    own_house.person.consent = None
    jti = begun(page, chosen, pdf, 1)
    page.start("sign.confirm", jti=jti)
    own_house.person.wait_for("sign? [yes/no]")
    text = pairing_file(own_house).read_text(encoding="utf-8")
    by_command(own_house)
    assert is_not_paired(closed(page))
    own_house.bridge.wait_until_gone("prompter", "renderer")
    with pytest.raises(InvalidStatus, match="403"):
        own_house.page()
    replace(pairing_file(own_house), text)
    own_house.person.consent = "yes"
    own_house.person.forget()
    again = own_house.page()
    assert again.sign(certificate(again, "ec"), [pdf])["signed"] == ["doc-1"]
    again.close()


def test_what_the_token_signs_already_is_finished_and_handed_out_after_pairing_anew(
    own_house: House, pdf: bytes
) -> None:
    page = own_house.page()
    jti = begun(page, certificate(page, "rsa"), pdf, 40)
    page.start("sign.confirm", jti=jti)
    page.wait_for_phase("signing")
    text = pairing_file(own_house).read_text(encoding="utf-8")
    pairing_file(own_house).unlink()
    assert is_not_paired(closed(page))
    replace(pairing_file(own_house), text)
    report, results = resumed(own_house, jti)
    assert (report["signed"], report["failure"], len(results)) == (ids(40), None, 40)


def test_another_name_of_the_same_server_is_taken_over_and_ends_nothing(own_house: House, pdf: bytes) -> None:
    page = own_house.page()
    chosen = certificate(page, "ec")
    renamed = own_house.server.pairing() | {"server_name": "新しい名前", "user_hint": "髙﨑 𠮷乃"}
    replace(pairing_file(own_house), json.dumps(renamed))
    own_house.person.forget()
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    assert page.call("sign.confirm", jti=jti)["signed"] == ["doc-1"]
    assert "新しい名前" in own_house.person.transcript
    page.close()


def test_a_page_of_another_server_goes_on(own_house: House) -> None:
    other = "http://localhost:8009"
    second = own_house.server.pairing() | {"issuer": other, "origins": [other]}
    path = own_house.bridge.profile / "servers" / "second.json"
    replace(path, json.dumps(second))
    stays, leaves = own_house.page(), Page(own_house.server, own_house.bridge.port, other)
    stays.hello()
    path.unlink()
    assert is_not_paired(closed(leaves))
    assert len(stays.certificates()) == 2
    stays.close()
