"""The keys role signs what rows say, for its own user, and nothing else; the real bridge accepts it."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from cectrust_bridge.errors import BridgeError, ServerIdentityChanged
from cectrust_bridge.formats import jose as bridge_jose
from cectrust_bridge.pairing.model import Pairing
from cectrust_bridge.requests import request as bridge_request
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy.orm import Session

from cectrust.database import open_database
from cectrust.keys import jose
from cectrust.keys.client import KeysClient
from cectrust.keys.keyring import DAY, Keyring, certified, certify, make_keys
from cectrust.keys.model import RequestClaims, RequestDocument, SignedRequest
from cectrust.keys.server import KeysRole, KeysServer
from cectrust.sdk.errors import Conflict, InputRefused, Misconfigured, NotFound, Unavailable
from cectrust.tlog import Checkpoint, NoteVerifier, open_checkpoint, sign_checkpoint
from tests.conftest import NOON, ChosenClock

ISSUER, LOG = "https://keiyaku.example.jp", "keiyaku.example.jp/log"
CN = jose.encode(bytes(32))
MADE = 1_800_000_000
BRIDGE = jose.encode(b"b" * 32)
DOCUMENT = RequestDocument("0" * 32, "ab" * 32, 1234, "工事請負契約書", "乙建設株式会社", 11_000_000, "JPY", 3)
CLAIMS = RequestClaims(BRIDGE, ISSUER, "a" * 32, "sign", "cd" * 32, "pades", "ecdsa_sha256", (DOCUMENT,))


def load(_session: Session, operation: str, request_id: str) -> RequestClaims:
    """The signing room's part: one prepared request and one that is over."""
    if request_id == "over":
        raise Conflict("request_over", "時間切れです。", "Over.")
    if request_id != CLAIMS.jti:
        raise NotFound()
    return (
        CLAIMS
        if operation == "sign"
        else replace(CLAIMS, op="sign.resume", cert_sha256=None, format=None, mechanism=None, docs=())
    )


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    make_keys(tmp_path / "keys")
    return Keyring(tmp_path / "keys", ISSUER)


@pytest.fixture
def server(tmp_path: Path, keyring: Keyring, clock: ChosenClock) -> Iterator[Path]:
    database = open_database(f"sqlite:///{tmp_path}/x.db")
    path = tmp_path / "run" / "keys.sock"
    with KeysServer(path, KeysRole(keyring, database, clock, LOG, load)) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield path
        serving.shutdown()
        thread.join()
    database.close()


@pytest.fixture
def client(server: Path) -> KeysClient:
    return KeysClient(server)


def judged(
    signed: SignedRequest, keyring: Keyring, *, cn: str = CN, method: str = "sign.begin"
) -> bridge_request.Request:
    """What the real bridge makes of it."""
    identity = bridge_jose.key_of(keyring.identity_jwk)
    pairing = Pairing("CECTRUST（試験用）", ISSUER, (ISSUER,), identity, "山田太郎")
    known = bridge_request.Circumstances(method, ISSUER, BRIDGE, cn, 1.0, NOON / 1e6, (), pairing)
    return bridge_request.verify(signed.request, signed.request_key, known)


def test_the_bridge_accepts_a_request_made_from_the_row(client: KeysClient, keyring: Keyring) -> None:
    request = judged(client.sign_request("sign", CLAIMS.jti, CN), keyring)
    assert (request.jti, request.mechanism, request.docs[0].title) == (CLAIMS.jti, "ecdsa_sha256", DOCUMENT.title)


def test_a_request_is_good_for_the_one_connection(client: KeysClient, keyring: Keyring) -> None:
    signed = client.sign_request("sign.resume", CLAIMS.jti, CN)
    assert judged(signed, keyring, method="sign.resume").op == "sign.resume"
    with pytest.raises(BridgeError):
        judged(signed, keyring, cn=jose.encode(b"x" * 32), method="sign.resume")


def test_another_server_s_request_is_not_accepted(client: KeysClient, tmp_path: Path) -> None:
    make_keys(tmp_path / "other")
    with pytest.raises(BridgeError):
        judged(client.sign_request("sign", CLAIMS.jti, CN), Keyring(tmp_path / "other", ISSUER))


@pytest.mark.parametrize(
    ("operation", "request_id", "cn", "error"),
    [
        ("sign", "nobody", CN, NotFound),
        ("sign", "over", CN, Conflict),
        ("sign", CLAIMS.jti, "short", InputRefused),
        ("sign", CLAIMS.jti, CN + "=", InputRefused),
        ("cert.list", CLAIMS.jti, CN, InputRefused),
    ],
)
def test_what_no_row_stands_for_is_not_signed(
    client: KeysClient, operation: str, request_id: str, cn: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        client.sign_request(operation, request_id, cn)


def test_a_checkpoint_of_our_log_is_signed_and_opens(client: KeysClient) -> None:
    head = Checkpoint(LOG, 7, bytes(32))
    verifier = NoteVerifier(LOG, client.public_keys().log_public_key)
    assert open_checkpoint(sign_checkpoint(head, client), [verifier]) == head


@pytest.mark.parametrize("body", [b"", b"another/log\n7\n" + b"A" * 43 + b"=\n", b"\xff", b"hello\n"])
def test_nothing_but_our_own_checkpoints_is_signed_with_the_log_key(client: KeysClient, body: bytes) -> None:
    with pytest.raises(InputRefused):
        client.sign_checkpoint(body)


def test_public_keys_are_those_of_the_files(client: KeysClient, keyring: Keyring) -> None:
    public = client.public_keys()
    assert (public.issuer, public.identity_key) == (ISSUER, keyring.identity_jwk)


def test_socket_and_directory_are_for_this_user_alone(server: Path) -> None:
    assert stat.S_IMODE(server.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.parent.stat().st_mode) == 0o700


def test_a_process_of_another_user_is_not_answered(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)  # the role takes itself for another user than its caller
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(server))
        assert connection.recv(1) == b""


@pytest.mark.parametrize(
    "sent",
    [
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x02{",
        b"\x00\x00\x00\x04nope",
        b"\x00\x00",
        b"\x00\x00\x00\x0a" + b"[" * 10,
    ],
)
def test_a_malformed_frame_ends_the_conversation_and_not_the_role(
    server: Path, client: KeysClient, sent: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(server))
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert client.public_keys().issuer == ISSUER


@pytest.mark.parametrize("question", [{}, {"act": "sign"}, {"act": "public_keys", "more": 1}, {"act": []}])
def test_an_unknown_question_is_refused(
    keyring: Keyring, clock: ChosenClock, tmp_path: Path, question: dict[str, object]
) -> None:
    database = open_database(f"sqlite:///{tmp_path}/x.db")
    answer = KeysRole(keyring, database, clock, LOG, load).answer(question)
    database.close()
    assert answer["error"] == "input_refused"


def test_a_second_role_on_the_same_socket_does_not_start(server: Path, client: KeysClient) -> None:
    with pytest.raises(Conflict):
        KeysServer(server, None)  # type: ignore[arg-type]
    assert client.public_keys().issuer == ISSUER


def test_no_role_is_said_to_be_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        KeysClient(tmp_path / "none.sock").public_keys()


def test_the_request_key_changes_within_its_seven_days(keyring: Keyring) -> None:
    now = 1_800_000_000
    first = keyring.request_key(now)
    assert first.not_after - now <= 7 * DAY
    assert keyring.request_key(now + 5 * DAY) is first
    assert keyring.request_key(now + 6 * DAY).kid != first.kid


def test_with_the_identity_offline_the_certified_key_serves_until_it_ends(tmp_path: Path) -> None:
    now, offline, online = 1_800_000_000, tmp_path / "offline", tmp_path / "online"
    make_keys(offline)
    certified = certify(offline / "identity.pem", online, ISSUER, now)
    make_keys(online)
    assert not (online / "identity.pem").exists()
    keyring = Keyring(online, ISSUER)
    assert keyring.request_key(now).kid == certified.kid
    assert keyring.identity_jwk == Keyring(offline, ISSUER).identity_jwk
    with pytest.raises(Conflict):
        Keyring(online, ISSUER).request_key(now + 7 * DAY)


def offline(tmp_path: Path, **changes: object) -> Keyring:
    """A keyring whose request key was carried over, with a certificate changed and signed again."""
    home, online = tmp_path / "offline", tmp_path / "online"
    make_keys(home)
    certify(home / "identity.pem", online, ISSUER, MADE)
    make_keys(online)
    claims = json.loads(jose.decode((online / "request.jws").read_text().split(".")[1]))
    signer = changes.pop("signer", "identity.pem")
    key = load_pem_private_key((home if signer == "identity.pem" else online).joinpath(str(signer)).read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    kid = jose.thumbprint(jose.jwk(key.public_key()))
    token = jose.compact(key, kid, "cectrust-request-key+jws", {**claims, **changes})
    (online / "request.jws").write_text(token)
    return Keyring(online, ISSUER)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": MADE + 8 * DAY},
        {"exp": MADE - DAY},
        {"iss": "https://elsewhere.example"},
        {"kid": jose.encode(bytes(32))},
        {"jwk": None},
        {"exp": None},
        {"signer": "request.pem"},
    ],
    ids=["more than seven days", "backwards", "another issuer", "another name", "no key", "no end", "by a request key"],
)
def test_a_carried_key_that_bridges_would_refuse_stops_the_role(tmp_path: Path, changes: dict[str, object]) -> None:
    assert offline(tmp_path / "right").request_key(MADE).kid
    with pytest.raises(Misconfigured, match=r"request\.jws"):
        offline(tmp_path / "wrong", **changes).request_key(MADE)


def test_no_request_key_lives_longer_than_seven_days_whatever_is_asked(tmp_path: Path) -> None:
    make_keys(tmp_path / "offline")
    made = certify(tmp_path / "offline" / "identity.pem", tmp_path / "online", ISSUER, MADE, days=30)
    assert made.not_after <= MADE + 7 * DAY


def test_a_request_key_certifies_no_successor(keyring: Keyring, tmp_path: Path) -> None:
    """Who steals it cannot make it last: the bridge follows the pinned identity alone."""
    stolen, now = keyring.request_key(NOON // 1_000_000), NOON // 1_000_000
    successor = certified(stolen.key, ISSUER, now, 7)
    claims = {"v": 1, "iss": ISSUER, "kid": successor.kid, "cn": CN, "iat": now, "exp": now + 120} | asdict(CLAIMS)
    request = jose.compact(successor.key, successor.kid, "cectrust-request+jws", claims)
    with pytest.raises(BridgeError) as refused:
        judged(SignedRequest(request, successor.certificate), keyring)
    assert refused.value.name == "bad_request_signature"
    same = jose.compact(stolen.key, stolen.kid, "cectrust-request+jws", {**claims, "kid": stolen.kid})
    assert judged(SignedRequest(same, stolen.certificate), keyring).jti == CLAIMS.jti


def test_a_changed_identity_key_is_called_that(client: KeysClient, tmp_path: Path) -> None:
    make_keys(tmp_path / "other")
    with pytest.raises(ServerIdentityChanged, match="pair it anew"):
        judged(client.sign_request("sign", CLAIMS.jti, CN), Keyring(tmp_path / "other", ISSUER))


def test_a_key_that_others_may_read_stops_the_role(tmp_path: Path) -> None:
    make_keys(tmp_path)
    (tmp_path / "log.pem").chmod(0o640)
    with pytest.raises(Misconfigured, match=r"log\.pem"):
        Keyring(tmp_path, ISSUER)


@pytest.mark.parametrize("name", ["identity.pem", "log.pem"])
def test_a_damaged_or_missing_key_is_named(tmp_path: Path, name: str) -> None:
    make_keys(tmp_path)
    (tmp_path / name).write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(Misconfigured, match=name):
        Keyring(tmp_path, ISSUER)
    (tmp_path / name).unlink()
    with pytest.raises(Misconfigured):
        Keyring(tmp_path, ISSUER)


def test_making_keys_again_replaces_none(tmp_path: Path) -> None:
    make_keys(tmp_path)
    before = Keyring(tmp_path, ISSUER).identity_jwk
    make_keys(tmp_path)
    assert Keyring(tmp_path, ISSUER).identity_jwk == before
