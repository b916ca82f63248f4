"""The local TSA's tokens are judged by others, and its serial numbers never come twice."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from asn1crypto import pem, tsp, x509
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext

from cectrust.builtin.local_tsa.serials import BLOCK, Serials
from cectrust.builtin.rfc3161 import QUERY, Rfc3161, Settings, TimeStampResp
from cectrust.outbound import HttpClient
from cectrust.sdk.testing import TimestamperContract, together
from tests.support import local_tsa as tsa
from tests.support.wire import answer, serving

DOCUMENT = b"contract"


@pytest.fixture(scope="module", params=["ec", "rsa"])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tsa.TsaFiles:
    return tsa.make_files(tmp_path_factory.mktemp("tsa"), request.param)


@pytest.fixture(scope="module")
def url(files: tsa.TsaFiles) -> Iterator[str]:
    with tsa.running(files) as (_, url):
        yield url


def client(url: str) -> Rfc3161:
    return Rfc3161("rfc3161", Settings(url=url), HttpClient())


class TestRfc3161WithTheLocalTsa(TimestamperContract):
    @pytest.fixture
    def timestamper(self, url: str) -> Rfc3161:
        return client(url)

    @pytest.fixture
    def unreachable(self) -> Rfc3161:
        with serving(answer(b"")) as gone:
            pass
        return client(gone.url())


def ask(url: str, request: bytes, kind: str = QUERY) -> TimeStampResp:
    pair = frozenset({url.removeprefix("http://").rstrip("/")})
    reply = HttpClient().post(url, request, kind, allowed_hosts=pair)
    return TimeStampResp.load(reply.body, strict=True)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_openssl_asks_and_finds_the_reply_good(files: tsa.TsaFiles, url: str, tmp_path: Path, algorithm: str) -> None:
    document, query, reply = tmp_path / "document", tmp_path / "query", tmp_path / "reply"
    document.write_bytes(DOCUMENT)
    make = ["openssl", "ts", "-query", "-data", document, f"-{algorithm}", "-cert", "-out", query]
    subprocess.run(make, check=True, capture_output=True)
    reply.write_bytes(ask(url, query.read_bytes()).dump())
    judge = ["openssl", "ts", "-verify", "-queryfile", query, "-in", reply, "-CAfile", files.root]
    assert subprocess.run(judge, capture_output=True, text=True).stdout.strip() == "Verification: OK"
    document.write_bytes(DOCUMENT + b"!")
    judge = ["openssl", "ts", "-verify", "-data", document, "-in", reply, "-CAfile", files.root]
    assert subprocess.run(judge, capture_output=True, text=True).returncode == 1


async def _judge(token: bytes, root: Path) -> object:
    _, _, der = pem.unarmor(root.read_bytes())
    trust = ValidationContext(trust_roots=[x509.Certificate.load(der)])
    signed = tsp.ContentInfo.load(token)["content"]
    return await validate_tst_signed_data(signed, trust, lambda algorithm: hashlib.new(algorithm, DOCUMENT).digest())


def test_pyhanko_finds_the_token_good(files: tsa.TsaFiles, url: str) -> None:
    status = asyncio.run(_judge(client(url).timestamp(hashlib.sha256(DOCUMENT).digest()), files.root))
    assert status["intact"]
    assert status["valid"]
    assert status["trust_problem_indic"] is None


def query(**changes: object) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"\x00" * 32}
    return bytes(tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, **changes}).dump())


def sha1() -> dict[str, object]:
    return {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": b"\x00" * 20}


def short() -> dict[str, object]:
    return {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"\x00" * 31}


@pytest.mark.parametrize(
    ("request_der", "failure"),
    [
        pytest.param(query(message_imprint=sha1()), "bad_alg", id="T18 SHA-1"),
        pytest.param(query(message_imprint=short()), "bad_data_format", id="short imprint"),
        pytest.param(query(req_policy="1.2.3"), "unaccepted_policy", id="policy"),
        pytest.param(
            query(extensions=[{"extn_id": "1.2.3", "extn_value": b"\x05\x00"}]), "unaccepted_extensions", id="extension"
        ),
        pytest.param(query(version="v2"), "bad_request", id="version"),
        pytest.param(b"", "bad_data_format", id="nothing"),
        pytest.param(b"\x30\x80\x00", "bad_data_format", id="garbage"),
        pytest.param(query() + b"\x00", "bad_data_format", id="more after it"),
    ],
)
def test_a_bad_request_is_answered_with_its_failure(url: str, request_der: bytes, failure: str) -> None:
    reply = ask(url, request_der)
    assert reply["status"]["status"].native == "rejection"
    assert reply["status"]["fail_info"].native == {failure}
    assert reply["time_stamp_token"].native is None


def test_without_the_wish_for_certificates_none_are_sent(url: str) -> None:
    signed = ask(url, query())["time_stamp_token"]["content"]
    assert signed["certificates"].native is None
    assert signed["encap_content_info"]["content"].parsed["nonce"].native is None


@pytest.mark.parametrize(("body", "kind", "status"), [(b"x", "text/plain", 415), (b"x" * 10_001, QUERY, 413)])
def test_what_is_no_query_is_refused_before_it_is_read(url: str, body: bytes, kind: str, status: int) -> None:
    pair = frozenset({url.removeprefix("http://").rstrip("/")})
    assert HttpClient().post(url, body, kind, allowed_hosts=pair).status == status


def test_no_serial_number_comes_twice_after_a_kill(tmp_path: Path) -> None:
    files, digest, seen = tsa.make_files(tmp_path), hashlib.sha256(DOCUMENT).digest(), []
    for _ in range(2):
        with tsa.running(files) as (process, url):
            seen += [TimestamperContract.info(client(url).timestamp(digest))["serial_number"].native for _ in range(2)]
            process.kill()
    assert len(set(seen)) == 4
    assert seen == sorted(seen)


def test_threads_never_share_a_serial_number(tmp_path: Path) -> None:
    serials, taken = Serials(tmp_path / "serials"), []
    assert together(4, lambda: taken.extend(serials.take() for _ in range(BLOCK))) == []
    serials.close()
    assert len(set(taken)) == 4 * BLOCK


def test_two_processes_cannot_count_with_one_file(tmp_path: Path) -> None:
    serials = Serials(tmp_path / "serials")
    with pytest.raises(BlockingIOError):
        Serials(tmp_path / "serials")
    serials.close()
