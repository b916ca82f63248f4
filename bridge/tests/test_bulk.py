"""Many documents under one request: one consent, one PIN, a result a document; whatever stops it, nothing is lost."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bridge_house import House
from cectrust_bridge.documents.received import MOST_IN_MEMORY
from cectrust_bridge.profile.kept import Asked, KeptResults, RequestName
from driver import Page, PageError, document, unb64
from fake_house import TOKEN, FakeHouse, write_keys
from test_signing import certificate, check_signature

MANY = 200
OUTCOME = ("signed", "unsigned", "failure")


def begun(page: Page, chosen: dict[str, Any], pdf: bytes, count: int) -> str:
    """Everything is received; the person was not asked yet."""
    jti = page.begin(chosen, [document(pdf, number) for number in range(1, count + 1)])
    for _ in range(count):
        page.send_bytes(pdf)
    return jti


def ids(count: int) -> list[str]:
    return [f"doc-{number}" for number in range(1, count + 1)]


def resumed(house: House | FakeHouse, jti: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
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


def test_a_driver_that_crashes_midway_leaves_an_exact_report_and_the_results_so_far(
    fake: FakeHouse, pdf: bytes
) -> None:
    page = fake.page()
    fake.plug(TOKEN, events=({"at": "sign", "nth": 101, "do": "crash"},))
    report = page.sign(certificate(page, "rsa"), [pdf] * MANY)
    assert (report["signed"], report["unsigned"]) == (ids(MANY)[:100], ids(MANY)[100:])
    assert report["failure"] == "device_error"
    assert [each["document"]["id"] for each in page.results] == report["signed"]
    fake.person.wait_for(f"=== DONE: signed 100 of {MANY}, device_error ===")
    page.close()
    again, results = resumed(fake, report["jti"])
    assert {name: again[name] for name in OUTCOME} == {name: report[name] for name in OUTCOME}
    assert results == page.results


def test_cancelled_midway_what_was_signed_is_handed_out(fake: FakeHouse, pdf: bytes) -> None:
    page = fake.page()
    fake.plug(TOKEN, events=({"at": "sign", "nth": 4, "do": "hang"},))
    jti = begun(page, certificate(page, "rsa"), pdf, 5)
    confirm = page.start("sign.confirm", jti=jti)
    page.wait_for_results(3)
    page.start("sign.cancel", jti=jti)
    report = fake.server.check_result(page.answer(confirm))
    assert (report["signed"], report["unsigned"]) == (ids(3), ["doc-4", "doc-5"])
    assert report["failure"] == "user_cancelled"
    page.call("sign.ack", jti=jti)
    page.close()


def test_another_page_waits_for_a_token_that_still_signs(fake: FakeHouse, pdf: bytes) -> None:
    page = fake.page()
    fake.plug(TOKEN, events=({"at": "sign", "nth": 2, "do": "slow", "seconds": 1},))
    jti = begun(page, certificate(page, "rsa"), pdf, 3)
    page.start("sign.confirm", jti=jti)
    page.wait_for_results(1)
    page.close()
    report, results = resumed(fake, jti)
    assert (report["signed"], report["failure"], len(results)) == (ids(3), None, 3)


@pytest.fixture
def own_fake(tmp_path: Path) -> Iterator[FakeHouse]:
    """A scripted token and a bridge that a test may break."""
    write_keys(tmp_path)
    fake = FakeHouse(tmp_path)
    yield fake
    fake.bridge.stop()


def test_what_was_signed_before_the_bridge_was_killed_is_resumed(own_fake: FakeHouse, pdf: bytes) -> None:
    fake, page = own_fake, own_fake.page()
    fake.plug(TOKEN, events=({"at": "sign", "nth": 101, "do": "hang"},))
    jti = begun(page, certificate(page, "rsa"), pdf, MANY)
    page.start("sign.confirm", jti=jti)
    page.wait_for_results(100)
    fake.bridge.crash()
    fake.restart()
    report, results = resumed(fake, jti)
    assert (report["signed"], report["unsigned"]) == (ids(MANY)[:100], ids(MANY)[100:])
    assert report["failure"] == "interrupted"
    assert results == page.results


def test_a_result_that_a_power_cut_left_half_written_counts_as_never_made(tmp_path: Path) -> None:
    name, asked = RequestName("i", "o", "j"), Asked(("doc-1", "doc-2"), "ab", "ecdsa_sha256")
    keeping = KeptResults(tmp_path).begin(name, asked)
    keeping.add([{"document": {"id": "doc-1"}}])
    [path] = tmp_path.iterdir()
    whole = path.read_bytes()
    for torn in (b'{"result": {"docu', b"\0" * 40 + b"\n", b'{"result": {}}'):
        path.write_bytes(whole + torn)
        kept = KeptResults(tmp_path).find(name)
        assert kept is not None
        assert (len(kept.results), kept.failure) == (1, "interrupted")
    path.write_bytes(whole[:20])
    assert KeptResults(tmp_path).find(name) is None


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


def test_a_disk_without_room_is_told_when_all_was_sent_and_costs_no_connection(own_house: House, pdf: bytes) -> None:
    padded = pdf[:9] + b"%" + b" " * (MOST_IN_MEMORY + 1) + b"\n" + pdf[9:]
    page = own_house.page()
    chosen = certificate(page, "ec")
    bridge = own_house.bridge.process.pid
    resource.prlimit(bridge, resource.RLIMIT_FSIZE, (8 << 20, resource.RLIM_INFINITY))  # to a program as a full disk
    jti = page.begin(chosen, [document(padded)])
    page.send_bytes(padded)
    with pytest.raises(PageError, match="device_error") as error:
        page.call("sign.confirm", jti=jti)
    assert "disk" in error.value.data["en"]
    assert [link for link in Path(f"/proc/{bridge}/fd").iterdir() if os.readlink(link).endswith(" (deleted)")] == []
    resource.prlimit(bridge, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert page.sign(chosen, [pdf])["signed"] == ["doc-1"]
    page.close()
