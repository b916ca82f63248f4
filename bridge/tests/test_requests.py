"""Requests and documents that must not be signed, over a live connection (the forms are in the vectors)."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from bridge_house import House
from cectrust_bridge.documents.received import Receiver
from cectrust_bridge.requests.request import Document
from cryptography.hazmat.primitives.asymmetric import ec
from driver import Page, PageError, b64, document
from websockets.exceptions import ConnectionClosed


@pytest.fixture
def chosen(page: Page) -> dict[str, Any]:
    return next(each for each in page.certificates() if each["key_type"] == "ec")


def refusal(page: Page, chosen: dict[str, Any], docs: list[dict[str, Any]], octets: bytes, **claims: Any) -> str:
    """The error of a signing with these documents and bytes."""
    with pytest.raises(PageError) as error:
        sign(page, chosen, docs, octets, **claims)
    return error.value.name


def sign(page: Page, chosen: dict[str, Any], docs: list[dict[str, Any]], octets: bytes, **claims: Any) -> Any:
    jti = page.begin(chosen, docs, **claims)
    page.send_bytes(octets)
    return page.call("sign.confirm", jti=jti)


def test_a_request_works_once_on_its_connection(page: Page) -> None:
    page.hello()
    params = page.server.request(page.cn, "token.list")
    assert page.call("token.list", **params)["tokens"]
    with pytest.raises(PageError, match="replay"):
        page.call("token.list", **params)


def test_a_request_of_another_connection_is_a_replay(house: House, page: Page) -> None:
    page.hello()
    other = house.page()
    other.hello()
    with pytest.raises(PageError, match="replay"):
        other.call("token.list", **page.server.request(page.cn, "token.list"))
    other.close()


def test_a_new_hello_voids_requests_made_for_the_one_before(page: Page) -> None:
    page.hello()
    params = page.server.request(page.cn, "token.list")
    page.hello()
    with pytest.raises(PageError, match="replay"):
        page.call("token.list", **params)


def test_a_request_is_too_old_by_the_bridges_own_clock_whatever_it_says(page: Page) -> None:
    page.hello()
    future = int(time.time()) + 3600
    params = page.server.request(page.cn, "token.list", iat=future, exp=future + 1)
    time.sleep(1.1)
    with pytest.raises(PageError, match="expired"):
        page.call("token.list", **params)


def test_a_request_by_an_unpaired_key_is_refused(page: Page) -> None:
    page.hello()
    right = page.server.request_key
    page.server.request_key = ec.generate_private_key(ec.SECP256R1())
    certificate = page.server.certified_key()
    stranger = page.server.request(page.cn, "token.list")
    page.server.request_key = right
    with pytest.raises(PageError, match="bad_request_signature"):
        page.call("token.list", request=stranger["request"], request_key=page.server.certified_key())
    assert certificate != stranger


def test_one_changed_byte_is_not_signed(house: House, page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    house.person.forget()
    changed = pdf.replace(b"595 842", b"595 843")
    assert refusal(page, chosen, [document(pdf)], changed) == "hash_mismatch"
    assert house.person.transcript == "", "nobody is asked about bytes that are not the server's"


def test_bytes_that_end_early_are_not_signed(page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    assert refusal(page, chosen, [document(pdf)], pdf[:-1]) == "hash_mismatch"


def test_a_chunk_across_two_documents_is_not_signed(page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    assert refusal(page, chosen, [document(pdf, 1), document(pdf, 2)], pdf + pdf) == "hash_mismatch"


def test_an_empty_chunk_is_not_signed(page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    jti = page.begin(chosen, [document(pdf)])
    page.socket.send(b"")
    with pytest.raises(PageError, match="hash_mismatch"):
        page.call("sign.confirm", jti=jti)


def test_more_than_was_declared_closes_the_connection(page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    page.begin(chosen, [document(pdf)])
    page.socket.send(pdf)
    page.socket.send(b"more")
    with pytest.raises(ConnectionClosed):
        page.answer(0)
    assert page.socket.close_code == 1008


def test_pages_that_the_bridge_does_not_count_are_not_signed(page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    assert refusal(page, chosen, [document(pdf, pages=2)], pdf) == "hash_mismatch"


def test_what_is_no_pdf_is_not_signed(page: Page, chosen: dict[str, Any]) -> None:
    assert refusal(page, chosen, [document(b"GIF89a")], b"GIF89a") == "malformed_pdf"


def test_a_field_the_scanner_sees_and_the_renderer_does_not_is_not_signed(
    page: Page, chosen: dict[str, Any], pdf: bytes
) -> None:
    hidden = pdf.replace(b"/Fields [4 0 R]", b"/Fields [     ]")
    assert refusal(page, chosen, [document(hidden)], hidden) == "malformed_pdf"


def test_a_document_beyond_the_limit_is_refused_before_a_byte_is_sent(
    page: Page, chosen: dict[str, Any], pdf: bytes
) -> None:
    with pytest.raises(PageError, match="too_large"):
        page.begin(chosen, [document(pdf, size=134217729)])


def test_a_mechanism_of_another_kind_of_key_is_refused(page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    assert refusal(page, chosen, [document(pdf)], pdf, mechanism="rsa_pkcs1v15_sha256") == "mechanism_unsupported"


def test_an_unknown_certificate_is_refused(page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    assert refusal(page, chosen, [document(pdf)], pdf, cert_sha256="0" * 64) == "cert_not_found"


def test_a_title_that_reorders_itself_is_shown_with_its_tricks(
    house: House, page: Page, chosen: dict[str, Any], pdf: bytes
) -> None:
    house.person.consent = "no"
    house.person.forget()
    title = "契約書\u202efdp.\u200b\x1b[2J\u2066"
    assert refusal(page, chosen, [document(pdf, title=title)], pdf) == "user_cancelled"
    assert "claimed title: 契約書‹U+202E›fdp.‹U+200B›‹U+001B›[2J‹U+2066›" in house.person.transcript


def test_a_no_signs_nothing_and_takes_no_pin(house: House, page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    house.person.consent = "no"
    house.person.forget()
    assert refusal(page, chosen, [document(pdf)], pdf) == "user_cancelled"
    assert "PIN for" not in house.person.transcript


@pytest.mark.parametrize("word", ["YES", "y", "", "yes ", "はい"])
def test_only_the_word_yes_agrees(house: House, page: Page, chosen: dict[str, Any], pdf: bytes, word: str) -> None:
    house.person.consent = word
    assert refusal(page, chosen, [document(pdf)], pdf) == "user_cancelled"


def test_cancel_closes_the_window_and_frees_the_bridge(
    house: House, page: Page, chosen: dict[str, Any], pdf: bytes
) -> None:
    house.person.forget()
    house.person.consent = None
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]")
    assert house.bridge.children("prompter")
    cancel = page.start("sign.cancel", jti=jti)
    answers = [page.answer(cancel), failure_of(page, confirm)]
    assert answers == [{"jti": jti, "cancelled": True}, "user_cancelled"]
    assert house.bridge.children("prompter") == []
    house.person.consent = "yes"
    house.person.forget()
    assert sign(page, chosen, [document(pdf)], pdf)["signed"]


def failure_of(page: Page, call_id: int) -> str:
    with pytest.raises(PageError) as error:
        page.answer(call_id)
    return error.value.name


def test_a_page_that_leaves_closes_the_window(house: House, page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    house.person.forget()
    house.person.consent = None
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]")
    page.close()
    house.person.consent = "yes"
    house.person.forget()
    other = house.page()
    assert eventually_signed(other, chosen, pdf)
    other.close()


def eventually_signed(page: Page, chosen: dict[str, Any], pdf: bytes) -> Any:
    """The bridge may still be closing the other page's window: until then it answers `busy`."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return sign(page, chosen, [document(pdf)], pdf)
        except PageError as error:
            if error.name != "busy" or time.monotonic() > deadline:
                raise


def test_two_tabs_cannot_have_the_token_at_once(house: House, page: Page, chosen: dict[str, Any], pdf: bytes) -> None:
    other = house.page()
    page.begin(chosen, [document(pdf)])
    with pytest.raises(PageError, match="busy"):
        other.begin(chosen, [document(pdf)])
    with pytest.raises(PageError, match="busy"):
        page.hello()
    other.close()


def test_silence_ends_in_consent_timeout(impatient_house: House, pdf: bytes) -> None:
    page = impatient_house.page()
    chosen = page.certificates()[0]
    impatient_house.person.consent = None
    assert refusal(page, chosen, [document(pdf)], pdf) == "consent_timeout"
    page.close()


def test_a_complete_document_cannot_be_changed_any_more(tmp_path: Any, pdf: bytes) -> None:
    receiver = Receiver([Document(**document(pdf))], tmp_path)
    receiver.take(pdf)
    received = receiver.complete()[0]
    with pytest.raises(PermissionError):
        os.pwrite(received.descriptor, b"X", 0)
    with pytest.raises(PermissionError):
        os.ftruncate(received.descriptor, 10)
    receiver.close()


def test_a_request_with_a_member_too_many_is_refused(page: Page) -> None:
    page.hello()
    params = page.server.request(page.cn, "token.list", digest=b64(bytes(32)))
    with pytest.raises(PageError, match="bad_request_signature"):
        page.call("token.list", **params)
