"""Many documents under one request: one consent, one PIN, a result a document; whatever stops it, nothing is lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from bridge_house import House
from driver import Page, PageError, document, unb64
from running import RunningBridge
from test_signing import certificate, check_signature

MANY = 200


def begun(page: Page, chosen: dict[str, Any], pdf: bytes, count: int) -> str:
    """Everything is received; the person was not asked yet."""
    jti = page.begin(chosen, [document(pdf, number) for number in range(1, count + 1)])
    for _ in range(count):
        page.send_bytes(pdf)
    return jti


def ids(count: int) -> list[str]:
    return [f"doc-{number}" for number in range(1, count + 1)]


def resumed(house: House, jti: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Report and results as another page of the same origin gets them; they are acknowledged."""
    page = house.page()
    report = house.server.check_result(page.requested("sign.resume", "sign.resume", jti=jti))
    page.call("sign.ack", jti=jti)
    page.close()
    return report, page.results


def test_each_document_has_its_own_signed_result_under_one_consent_and_one_pin(
    house: House, page: Page, pdf: bytes
) -> None:
    chosen = certificate(page, "ec")
    house.person.forget()
    report = house.server.check_result(page.sign(chosen, [pdf] * 5))
    assert (report["signed"], report["unsigned"], report["failure"]) == (ids(5), [], None)
    results = [house.server.check_result(each) for each in page.results]
    assert [(each["index"], each["count"], each["document"]["id"]) for each in results] == [
        (number, 5, f"doc-{number + 1}") for number in range(5)
    ]
    for each in results:
        check_signature(unb64(chosen["der"]), each["document"])
    assert house.person.transcript.count("PIN for ") == 1
    assert house.person.transcript.count("sign? [yes/no]") == 1
    assert [each["done"] for each in page.notifications if each["phase"] == "signing"] == list(range(6))
    page.call("sign.ack", jti=report["jti"])


@pytest.mark.parametrize("bad", [0, 2, 4])
def test_one_document_that_differs_stops_all_before_the_person_is_asked(
    house: House, page: Page, pdf: bytes, bad: int
) -> None:
    house.person.forget()
    jti = page.begin(certificate(page, "ec"), [document(pdf, number) for number in range(5)])
    for number in range(5):
        page.send_bytes(pdf if number != bad else pdf[:-1] + b"\r")
    with pytest.raises(PageError, match="hash_mismatch") as error:
        page.call("sign.confirm", jti=jti)
    assert error.value.data["document"] == f"doc-{bad}"
    assert "sign? [yes/no]" not in house.person.transcript
    assert page.results == []


def test_a_tab_closed_while_the_token_signs_loses_nothing(house: House, page: Page, pdf: bytes) -> None:
    jti = begun(page, certificate(page, "rsa"), pdf, 30)
    page.start("sign.confirm", jti=jti)
    page.wait_for_phase("signing")
    page.close()
    report, results = resumed(house, jti)
    assert (report["signed"], report["failure"]) == (ids(30), None)
    assert [each["document"]["id"] for each in results] == ids(30)


def test_another_tab_is_told_that_the_person_still_reads(house: House, page: Page, pdf: bytes) -> None:
    house.person.consent = None
    jti = begun(page, certificate(page, "ec"), pdf, 2)
    page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]")
    other = house.page()
    with pytest.raises(PageError, match="busy"):
        other.requested("sign.resume", "sign.resume", jti=jti)
    other.close()
    page.call("sign.cancel", jti=jti)


def test_a_worker_killed_midway_leaves_an_exact_report_and_the_results_so_far(
    house: House, page: Page, pdf: bytes
) -> None:
    chosen = certificate(page, "rsa")
    jti = begun(page, chosen, pdf, MANY)
    confirm = page.start("sign.confirm", jti=jti)
    page.wait_for_results(1)
    [worker] = house.bridge.children("worker")
    os.kill(worker, signal.SIGKILL)
    report = house.server.check_result(page.answer(confirm))
    assert 0 < len(report["signed"]) < MANY
    assert report["signed"] + report["unsigned"] == ids(MANY)
    assert report["failure"] == "device_error"
    assert [each["document"]["id"] for each in page.results] == report["signed"]
    assert f"=== DONE: signed {len(report['signed'])} of {MANY}, device_error ===" in house.person.transcript
    again, results = resumed(house, jti)
    assert (again["signed"], again["unsigned"], again["failure"]) == tuple(
        report[name] for name in ("signed", "unsigned", "failure")
    )
    assert results == page.results


def test_cancelled_midway_what_was_signed_is_handed_out(house: House, page: Page, pdf: bytes) -> None:
    jti = begun(page, certificate(page, "rsa"), pdf, MANY)
    confirm = page.start("sign.confirm", jti=jti)
    page.wait_for_results(1)
    page.start("sign.cancel", jti=jti)
    report = house.server.check_result(page.answer(confirm))
    assert report["failure"] == "user_cancelled"
    assert report["signed"] + report["unsigned"] == ids(MANY)
    assert [each["document"]["id"] for each in page.results] == report["signed"]
    page.call("sign.ack", jti=jti)


def test_what_was_signed_before_the_bridge_was_killed_is_resumed(own_house: House, pdf: bytes) -> None:
    page = own_house.page()
    jti = begun(page, certificate(page, "rsa"), pdf, MANY)
    page.start("sign.confirm", jti=jti)
    page.wait_for_results(1)
    own_house.bridge.crash()
    own_house.bridge = RunningBridge(own_house.bridge.profile, own_house.token.environment)
    report, results = resumed(own_house, jti)
    assert report["failure"] == "interrupted"
    assert report["signed"] == [each["document"]["id"] for each in results] == ids(len(results))
    assert report["signed"] + report["unsigned"] == ids(MANY)
    assert results[: len(page.results)] == page.results


def test_large_requests_lie_in_files_that_nobody_can_open_or_change(own_house: House, pdf: bytes) -> None:
    """Beyond 64 MiB: the bytes are not in memory, have no name, and no descriptor of the bridge can write them."""
    padded = pdf[:9] + b"%" + b" " * (40 << 20) + b"\n" + pdf[9:]
    page = own_house.page()
    chosen = certificate(page, "ec")
    jti = page.begin(chosen, [document(padded, number) for number in (1, 2)])
    for _ in range(2):
        page.send_bytes(padded)
    page.call("env.check")
    process = Path(f"/proc/{own_house.bridge.process.pid}")
    files = {entry.name: os.readlink(entry) for entry in (process / "fd").iterdir()}
    held = [name for name, target in files.items() if target.endswith(" (deleted)")]
    assert [files[name].startswith(str(own_house.bridge.profile)) for name in held] == [True, True]
    for name in held:
        flags = int((process / "fdinfo" / name).read_text().split("flags:")[1].split()[0], 8)
        assert flags & os.O_ACCMODE == os.O_RDONLY
    page.call("sign.cancel", jti=jti)
    page.close()
