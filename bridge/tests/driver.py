"""Plays the server that signs requests and the page that passes them on."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import json
import secrets
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from websockets.sync.client import ClientConnection, connect

RESULTS = json.loads((Path(__file__).parent.parent / "vectors/results.json").read_text(encoding="utf-8"))
COMMON = frozenset({"v", "op", "bridge_id", "origin", "jti"})
RESULT_FORMS = {
    (case["asked"]["op"], frozenset(case["asked"]["members"])) for case in RESULTS["cases"] if case["accept"]
}
"""What the vectors say that results of each operation have: whatever a real bridge signs is measured by it."""
ORIGIN = "http://localhost:8000"
ISSUER = ORIGIN


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": b64(numbers.x.to_bytes(32, "big")),
        "y": b64(numbers.y.to_bytes(32, "big")),
    }


def thumbprint(key: ec.EllipticCurvePublicKey) -> str:
    return b64(hashlib.sha256(compact(jwk(key))).digest())


def es256(key: ec.EllipticCurvePrivateKey, octets: bytes) -> str:
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(hashes.SHA256())))
    return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def verify(key: dict[str, str], signature: str, octets: bytes) -> None:
    raw = unb64(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    x, y = (int.from_bytes(unb64(key[name]), "big") for name in "xy")
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    public.verify(encode_dss_signature(r, s), octets, ec.ECDSA(hashes.SHA256()))


def document(pdf: bytes, number: int = 1, **claims: Any) -> dict[str, Any]:
    """A claim about `pdf`, right unless `claims` say otherwise."""
    right = {
        "id": f"doc-{number}",
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "size": len(pdf),
        "title": "工事請負契約書",
        "partner": "乙建設株式会社",
        "amount": 11_000_000,
        "currency": "JPY",
        "pages": 1,
    }
    return {**right, **claims}


class Server:
    """A server with its two keys; signs what it is told to."""

    def __init__(self, bridge: dict[str, Any], origin: str = ORIGIN) -> None:
        self.origin = origin
        self.identity = ec.generate_private_key(ec.SECP256R1())
        self.request_key = ec.generate_private_key(ec.SECP256R1())
        self.bridge = bridge

    def pairing(self) -> dict[str, Any]:
        return {
            "v": 1,
            "server_name": "CECTRUST（試験用）",
            "issuer": ISSUER,
            "origins": [self.origin],
            "identity_key": jwk(self.identity.public_key()),
            "user_hint": "山田太郎（甲建設株式会社）",
        }

    def _jws(self, key: ec.EllipticCurvePrivateKey, kid: str, typ: str, claims: dict[str, Any]) -> str:
        head = f"{b64(compact({'alg': 'ES256', 'kid': kid, 'typ': typ}))}.{b64(compact(claims))}"
        return f"{head}.{es256(key, head.encode())}"

    def certified_key(self) -> str:
        public, now = self.request_key.public_key(), int(time.time())
        claims = {"v": 1, "iss": ISSUER, "kid": thumbprint(public), "jwk": jwk(public)}
        dates = {"nbf": now - 60, "exp": now + 86400}
        identity = thumbprint(self.identity.public_key())
        return self._jws(self.identity, identity, "cectrust-request-key+jws", {**claims, **dates})

    def request(self, cn: str, op: str, **claims: Any) -> dict[str, str]:
        """Parameters of a method that carries a request; `claims` may make it wrong."""
        kid, now = thumbprint(self.request_key.public_key()), int(time.time())
        right = {
            "v": 1, "iss": ISSUER, "kid": kid, "aud": self.bridge["bridge_id"], "origin": self.origin,
            "cn": cn, "jti": secrets.token_urlsafe(24), "iat": now, "exp": now + 120, "op": op,
        }  # fmt: skip
        if op in ("token.list", "cert.list", "sign", "sign.resume"):
            right |= {"cert_sha256": None, "format": None, "mechanism": None, "docs": []}
        token = self._jws(self.request_key, kid, "cectrust-request+jws", {**right, **claims})
        return {"request": token, "request_key": self.certified_key()}

    def check_hello(self, challenge: str, answer: dict[str, Any]) -> None:
        """InvalidSignature unless the registered bridge made this answer."""
        parts = ("cectrust-bridge-hello-v1", self.origin, challenge, answer["cn"], "1", answer["bridge_id"])
        octets = b"\0".join(part.encode() for part in parts)
        verify(self.bridge["jwk"], answer["signature"], octets)

    def check_result(self, result: dict[str, Any]) -> dict[str, Any]:
        """The signed part of a result; InvalidSignature if the bridge did not sign it."""
        body = {name: value for name, value in result.items() if name != "bridge_signature"}
        verify(self.bridge["jwk"], result["bridge_signature"], b"cectrust-bridge-result-v1\0" + compact(body))
        assert (body["op"], frozenset(body) - COMMON) in RESULT_FORMS
        return body


ERROR_DATA = {"ja", "en", "pin_state", "document"}


class PageError(Exception):
    """An error object the bridge answered."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code, self.name, self.data = error["code"], error["message"], error["data"]
        assert set(self.data) <= ERROR_DATA, self.data


class Page:
    """A web page's side of one connection."""

    def __init__(self, server: Server, port: int, origin: str = ORIGIN) -> None:
        self.server, self.cn = server, ""
        self._stack = contextlib.ExitStack()
        opening = connect(
            f"ws://127.0.0.1:{port}/", origin=origin, subprotocols=["cectrust-bridge.v1"], compression=None,
            max_size=None, proxy=None,
        )  # fmt: skip
        self.socket: ClientConnection = self._stack.enter_context(opening)
        self.notifications: list[dict[str, Any]] = []
        self.results: list[dict[str, Any]] = []
        """Of documents, signed by the bridge, in the order they came."""
        self.methods: list[str] = []
        """Methods of the notifications that have been read."""
        self._ids = itertools.count(1)

    def close(self) -> None:
        self._stack.close()

    def start(self, method: str, **params: Any) -> int:
        call_id = next(self._ids)
        self.socket.send(json.dumps({"jsonrpc": "2.0", "id": call_id, "method": method, "params": params}))
        return call_id

    def answer(self, call_id: int, timeout: float = 30) -> dict[str, Any]:
        while True:
            message = json.loads(self.socket.recv(timeout))
            if "method" in message:
                self._note(message)
            elif message["id"] == call_id:
                break
        if "error" in message:
            raise PageError(message["error"])
        return message["result"]

    def _note(self, message: dict[str, Any]) -> None:
        self.methods.append(message["method"])
        kind = self.results if message["method"] == "sign.result" else self.notifications
        kind.append(message["params"])

    def wait_for_phase(self, phase: str) -> None:
        """Read notifications until this one."""
        while not any(each.get("phase") == phase for each in self.notifications):
            self._note(json.loads(self.socket.recv(30)))

    def wait_for_results(self, count: int) -> None:
        """Read notifications until this many documents are signed."""
        while len(self.results) < count:
            self._note(json.loads(self.socket.recv(30)))

    def wait_for_method(self, method: str) -> None:
        """Read until the next notification of this method."""
        self.methods.clear()
        while method not in self.methods:
            self._note(json.loads(self.socket.recv(30)))

    def call(self, method: str, **params: Any) -> Any:
        return self.answer(self.start(method, **params))

    def hello(self) -> dict[str, Any]:
        challenge = b64(secrets.token_bytes(32))
        answer = self.call("hello", min=1, max=1, challenge=challenge)
        self.server.check_hello(challenge, answer)
        self.cn = answer["cn"]
        return answer

    def requested(self, method: str, op: str, **claims: Any) -> Any:
        """hello, then a method with a fresh request."""
        self.hello()
        return self.call(method, **self.server.request(self.cn, op, **claims))

    def certificates(self) -> list[dict[str, Any]]:
        return self.requested("cert.list", "cert.list")["certificates"]

    def begin(self, certificate: dict[str, Any], docs: list[dict[str, Any]], **claims: Any) -> str:
        wanted = {
            "cert_sha256": certificate["sha256"],
            "mechanism": certificate["mechanisms"][0],
            "format": "pades",
            "docs": docs,
        }
        return self.requested("sign.begin", "sign", **{**wanted, **claims})["jti"]

    def send_bytes(self, octets: bytes, chunk: int = 1 << 20) -> None:
        for start in range(0, len(octets), chunk):
            self.socket.send(octets[start : start + chunk])

    def sign(self, certificate: dict[str, Any], pdfs: list[bytes], **claims: Any) -> dict[str, Any]:
        """The report; the results of the documents are in `results`."""
        jti = self.begin(certificate, [document(pdf, n) for n, pdf in enumerate(pdfs, 1)], **claims)
        for pdf in pdfs:
            self.send_bytes(pdf)
        return self.call("sign.confirm", jti=jti)
