"""A paired server that lies, documents that change, gaps and bombs: each with the code it is answered with."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tracemalloc
import zlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import byterange_cases
import pytest
from bridge_house import House
from cectrust_bridge.documents import byterange
from cectrust_bridge.documents.received import MOST_IN_MEMORY
from cectrust_bridge.errors import MalformedPdf
from cectrust_bridge.processes.sandbox import MEMORY
from driver import Page, PageError, document, unb64
from test_load import resident
from test_requests import refusal
from test_transport import closed_with

Certificate = dict[str, Any]


@pytest.fixture
def certificate(page: Page) -> Certificate:
    return next(each for each in page.certificates() if each["key_type"] == "ec")


def contract(text: bytes, **stream: bytes) -> bytes:
    """A prepared contract whose one page says `text`."""
    drawn = stream.get("octets", b"BT /F1 24 Tf 50 700 Td (" + text + b") Tj ET")
    body = b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(drawn), stream.get("filters", b""), drawn)
    objects = byterange_cases.objects(byterange_cases.signature())
    objects[2] = objects[2].replace(b"/Annots", b"/Contents 6 0 R /Resources << /Font << /F1 7 0 R >> >> /Annots")
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    return byterange_cases.fill(byterange_cases.serialise(list(enumerate([*objects, body, font], 1))))


def test_a_server_that_claims_one_document_and_sends_another_gets_no_question_asked(
    house: House,
    page: Page,
    certificate: Certificate,
) -> None:
    house.person.forget()
    claimed, sent = contract(b"1,000 yen"), contract(b"9,000 yen")
    with pytest.raises(PageError) as error:
        sign_claiming(page, certificate, document(claimed), sent)
    assert (error.value.code, house.person.transcript) == (-32030, "")


def sign_claiming(page: Page, certificate: Certificate, claims: dict[str, Any], sent: bytes) -> Any:
    jti = page.begin(certificate, [claims])
    page.send_bytes(sent)
    return page.call("sign.confirm", jti=jti)


def test_a_server_that_lies_about_the_content_is_seen_by_the_bytes_themselves(
    house: House,
    page: Page,
    certificate: Certificate,
) -> None:
    house.person.forget()
    pdf = contract(b"LOAN OF 99,000,000")
    page.results.clear()
    sign_claiming(page, certificate, document(pdf, title="工事請負契約書", amount=1000), pdf)
    shown = house.person.transcript
    assert "claimed title: 工事請負契約書" in shown
    assert "claimed amount: 1,000 JPY" in shown
    page_itself = shown.index("--- page 1/1")
    assert "LOAN OF 99,000,000" in shown[page_itself : shown.index("sign? [yes/no]")]
    assert hashlib.sha256(pdf).hexdigest() in shown


def test_what_the_person_reads_can_no_longer_be_changed_by_anybody(
    house: House,
    page: Page,
    certificate: Certificate,
    pdf: bytes,
) -> None:
    house.person.forget()
    house.person.consent = None
    jti = page.begin(certificate, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]")
    [sealed] = [
        link for link in Path(f"/proc/{house.bridge.process.pid}/fd").iterdir() if "memfd:" in os.readlink(link)
    ]
    descriptor = os.open(sealed, os.O_RDWR)
    with pytest.raises(PermissionError):
        os.pwrite(descriptor, b"X", 0)
    os.close(descriptor)
    house.person.say("yes")
    assert page.answer(confirm)["signed"] == ["doc-1"]


def contract_of(size: int) -> bytes:
    """A prepared contract with an attachment of so many octets that nobody refers to."""
    objects = byterange_cases.objects(byterange_cases.signature())
    attachment = b"<< /Length %d >>\nstream\n%s\nendstream" % (size, bytes(size))
    return byterange_cases.fill(byterange_cases.serialise(list(enumerate([*objects, attachment], 1))))


def open_files(pid: int, size: int) -> list[Path]:
    """Every descriptor of a process on a file of this size."""
    return [link for link in Path(f"/proc/{pid}/fd").iterdir() if link.stat().st_size == size]


def access_mode(link: Path) -> int:
    flags = (link.parents[1] / "fdinfo" / link.name).read_text().split("flags:")[1].split()[0]
    return int(flags, 8) & os.O_ACCMODE


def test_what_is_too_large_for_memory_lies_in_a_file_without_a_name_that_the_bridge_cannot_write(
    house: House,
    page: Page,
    certificate: Certificate,
) -> None:
    house.person.forget()
    house.person.consent = None
    pdf = contract_of(MOST_IN_MEMORY)
    jti = page.begin(certificate, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]", 60)
    [link] = open_files(house.bridge.process.pid, len(pdf))
    name = os.readlink(link)
    assert name.startswith(str(house.bridge.profile))
    assert name.endswith(" (deleted)")
    assert access_mode(link) == os.O_RDONLY
    house.person.say("yes")
    assert page.answer(confirm)["signed"] == ["doc-1"]


def cut_off(descriptor: int, size: int) -> None:
    os.ftruncate(descriptor, size // 2)


def change_an_octet(descriptor: int, size: int) -> None:
    os.pwrite(descriptor, b"X", size // 2)


@pytest.mark.parametrize("change", [change_an_octet, cut_off])
def test_a_file_that_a_program_of_the_user_changes_while_he_reads_is_not_signed(
    house: House,
    page: Page,
    certificate: Certificate,
    change: Callable[[int, int], None],
) -> None:
    house.person.forget()
    house.person.consent = None
    pdf = contract_of(MOST_IN_MEMORY)
    jti = page.begin(certificate, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]", 60)
    [link] = open_files(house.bridge.process.pid, len(pdf))
    descriptor = os.open(link, os.O_RDWR)
    change(descriptor, len(pdf))
    os.close(descriptor)
    house.person.say("yes")
    with pytest.raises(PageError) as error:
        page.answer(confirm)
    assert (error.value.code, error.value.data["document"]) == (-32030, "doc-1")
    assert "PIN for" not in house.person.transcript


def test_bytes_sent_while_the_person_reads_end_everything_unsigned(
    house: House,
    page: Page,
    certificate: Certificate,
    pdf: bytes,
) -> None:
    house.person.forget()
    house.person.consent = None
    jti = page.begin(certificate, [document(pdf)])
    page.send_bytes(pdf)
    page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]")
    page.send_bytes(pdf)
    assert closed_with(page) == 1008
    house.bridge.wait_until_gone("prompter")
    with contextlib.closing(house.page()) as later, pytest.raises(PageError) as error:
        later.requested("sign.resume", "sign.resume", jti=jti)
    assert error.value.code == -32040
    assert "PIN for" not in house.person.transcript


REJECTED = [
    case
    for case in json.loads((Path(byterange_cases.__file__).parent / "byterange.json").read_text())["cases"]
    if not case["accept"] and case["pdf"]
]


def test_no_byte_range_that_leaves_something_out_comes_to_the_person(
    house: House,
    page: Page,
    certificate: Certificate,
) -> None:
    house.person.forget()
    for case in REJECTED[::5]:  # all of them are in test_vectors, without a person
        pdf = unb64(case["pdf"])
        assert refusal(page, certificate, [document(pdf)], pdf) == "malformed_pdf", case["name"]
    assert house.person.transcript == ""


def traced_peak(pdf: bytes) -> tuple[str, int]:
    """Why it cannot be signed (empty: it can), and the most octets that looking at it took."""
    tracemalloc.start()
    try:
        byterange.locate(pdf)
        refused = ""
    except MalformedPdf as error:
        refused = str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return refused, peak


def test_a_gap_beyond_the_limit_is_refused_before_it_is_read() -> None:
    for digit in (b"0", b"5"):
        refused, peak = traced_peak(byterange_cases.prepared(contents=digit * byterange.MAX_GAP))
        assert "too long" in refused
        assert peak < byterange.MAX_GAP // 4


def test_a_hundred_gaps_at_the_limit_cost_no_more_than_one() -> None:
    earlier = byterange_cases.prepared(contents=b"5" * (byterange.MAX_GAP - 2))
    ranges = earlier[earlier.rindex(b"/ByteRange") : earlier.rindex(b">>")]
    before = earlier + ranges * (byterange.MAX_SIGNATURES - 2)
    pdf = byterange_cases.fill(byterange_cases.serialise([(1, byterange_cases.signature())], before), len(before))
    refused, peak = traced_peak(pdf)
    assert refused == ""
    assert peak < 8 * byterange.MAX_GAP


def test_a_compressed_frame_is_refused_unread(page: Page) -> None:
    page.hello()
    bomb = zlib.compress(bytes(1 << 20))[:120]
    page.socket.socket.sendall(bytes([0xC1, 0x80 | len(bomb), 0, 0, 0, 0]) + bomb)
    assert closed_with(page) == 1002


def renderer_until(answer: Future[Any], house: House) -> tuple[float, set[str]]:
    """Megabytes that the renderer had at most until the answer came, and its limits of memory after it set them."""
    most, limits = 0.0, set()
    while not answer.done():
        for pid in house.bridge.children("renderer"):
            with contextlib.suppress(OSError, StopIteration):  # it ends meanwhile
                most = max(most, resident(pid))
                limits.add(Path(f"/proc/{pid}/limits").read_text().split("Max address space")[1].split()[0])
        wait([answer], 0.02)
    return most, limits - {"unlimited"}


def test_a_page_that_unpacks_to_half_a_gigabyte_costs_the_front_nothing(
    house: House,
    page: Page,
    certificate: Certificate,
    pdf: bytes,
) -> None:
    before = resident(house.bridge.process.pid)
    packing = zlib.compressobj(1)
    once = b"".join(packing.compress(b" " * (1 << 20)) for _ in range(512)) + packing.flush()
    bomb = contract(b"", octets=zlib.compress(once), filters=b" /Filter [/FlateDecode /FlateDecode]")
    assert len(bomb) < 100_000
    house.person.forget()
    jti = page.begin(certificate, [document(bomb)])
    page.send_bytes(bomb)
    with ThreadPoolExecutor(1) as waiting:
        answer = waiting.submit(page.call, "sign.confirm", jti=jti)
        most, limits = renderer_until(answer, house)
    error = answer.exception()
    assert isinstance(error, PageError)
    assert (error.code, "sign?" in house.person.transcript) == (-32031, False)
    assert "=== DONE: malformed_pdf ===" in house.person.transcript
    assert "Traceback" not in house.bridge.log.read_text()
    assert limits == {str(MEMORY)}
    assert 0 < most < MEMORY >> 20
    assert resident(house.bridge.process.pid) - before < 32
    assert sign_claiming(page, certificate, document(pdf), pdf)["signed"] == ["doc-1"]
