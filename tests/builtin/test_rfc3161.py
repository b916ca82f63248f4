"""The client takes no answer but the one to its own question."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ValidationError

from cectrust.builtin.local_tsa.__main__ import _certificates
from cectrust.builtin.local_tsa.authority import Authority
from cectrust.builtin.rfc3161 import Rfc3161, Settings
from cectrust.outbound import HttpClient
from cectrust.sdk.errors import Unavailable
from tests.support import local_tsa as tsa
from tests.support.wire import Exchange, Script, raw, serving

DIGEST = hashlib.sha256(b"contract").digest()
POLICY = "2.25.1"
Forge = Callable[[tsp.TimeStampReq], tsp.TimeStampReq]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    files = tsa.make_files(tmp_path_factory.mktemp("tsa"))
    key = load_pem_private_key(files.key.read_bytes(), None)
    certificate = _certificates(files.certificate)[0]
    serials = itertools.count(1)
    return Authority(key, certificate, [], POLICY, 1, lambda: next(serials), lambda: dt.datetime.now(dt.UTC))  # type: ignore[arg-type]


def http(body: bytes, status: bytes = b"200 OK", kind: bytes = b"application/timestamp-reply") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (status, kind, len(body), body)


def answering(authority: Authority, forge: Forge) -> Script:
    """Answers the question that ``forge`` makes of the one that was asked."""

    def script(exchange: Exchange) -> None:
        reply = authority.respond(forge(tsp.TimeStampReq.load(exchange.body)).dump(force=True))
        exchange.connection.sendall(http(reply))

    return script


def stamp(script: Script, **settings: str) -> bytes:
    with serving(script) as server:
        return Rfc3161("rfc3161", Settings(url=server.url(), **settings), HttpClient()).timestamp(DIGEST)


def changed(field: str, value: object) -> Forge:
    def forge(question: tsp.TimeStampReq) -> tsp.TimeStampReq:
        question[field] = value
        return question

    return forge


def unchanged(question: tsp.TimeStampReq) -> tsp.TimeStampReq:
    return question


def imprint(algorithm: str, data: bytes) -> dict[str, object]:
    return {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": hashlib.new(algorithm, data).digest()}


def test_the_answer_to_the_question_is_taken(authority: Authority) -> None:
    assert stamp(answering(authority, unchanged)).startswith(b"\x30\x82")


@pytest.mark.parametrize(
    ("forge", "named"),
    [
        (changed("nonce", 1), "nonce"),
        (changed("nonce", None), "nonce"),
        (changed("message_imprint", imprint("sha256", b"other")), "imprint"),
        (changed("message_imprint", imprint("sha512", b"contract")), "imprint, algorithm"),
    ],
)
def test_the_answer_to_another_question_is_refused(authority: Authority, forge: Forge, named: str) -> None:
    with pytest.raises(Unavailable) as refused:
        stamp(answering(authority, forge))
    assert refused.value.detail == named


def test_another_policy_than_the_one_asked_for_is_refused(authority: Authority) -> None:
    with pytest.raises(Unavailable) as refused:
        stamp(answering(replace(authority, policy="2.25.2"), changed("req_policy", None)), policy=POLICY)
    assert refused.value.detail == "policy"
    assert stamp(answering(authority, unchanged), policy=POLICY)


def test_a_rejection_names_the_failure_in_its_detail(authority: Authority) -> None:
    with pytest.raises(Unavailable) as refused:
        stamp(answering(authority, changed("req_policy", "1.2.3")))
    assert "unaccepted_policy" in refused.value.detail


@pytest.mark.parametrize(
    "answer",
    [
        http(b"<html>busy</html>", kind=b"text/html"),
        http(b"", status=b"503 Busy"),
        http(b""),
        http(b"\x30\x80\x00"),
        http(b"\x30\x05\x30\x03\x02\x01\x00"),
        http(b"\x30\x03\x02\x01\x00"),
        http(b"\x30\x14\x30\x03\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x00"),
    ],
)
def test_garbage_is_unavailable(answer: bytes) -> None:
    with pytest.raises(Unavailable):
        stamp(raw(answer))


@pytest.mark.parametrize("length", [0, 20, 31, 33])
def test_only_whole_digests_are_sent(length: int) -> None:
    with pytest.raises(ValueError, match="octets"):
        Rfc3161("rfc3161", Settings(url="http://127.0.0.1:1/"), HttpClient()).timestamp(b"\x00" * length)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"url": "ftp://x/"},
        {"url": "http://a@b/"},
        {"url": "http://x/", "uri": "y"},
        {"url": "http://x/", "policy": "a"},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]
