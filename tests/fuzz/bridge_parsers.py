"""Targets: what the bridge reads from pages, servers, files and tokens."""

from __future__ import annotations

import unicodedata
from typing import Any

from cectrust_bridge import display
from cectrust_bridge.documents import byterange
from cectrust_bridge.errors import BridgeError, MalformedPdf
from cectrust_bridge.formats import attributes, jose, rpc
from cectrust_bridge.methods import METHODS
from cectrust_bridge.pairing import code as pairing_code
from cectrust_bridge.pairing import messages, model
from cectrust_bridge.pairing.errors import PairingError
from cectrust_bridge.pairing.identity import Identity
from cectrust_bridge.prompters import consent
from cectrust_bridge.requests import claims, request
from cectrust_bridge.tokens import pkcs12_limits
from cectrust_bridge.updates import manifest
from cectrust_bridge.updates.errors import ManifestForged
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from tests.fuzz.target import Target, compact, json_of, octets, vectors

PARAMETERS = {name: method.parameters for name, method in METHODS.items()}
REQUESTS = vectors("request")
KNOWN = {**REQUESTS["context"], "pairing": model.parse(REQUESTS["context"]["pairing"])}
KNOWN["used"] = {(op, jti) for op, jti in KNOWN["used"]}
GENUINE = {(case["request"], case["request_key"]) for case in REQUESTS["cases"] if case["accept"]}


def json_rpc(data: bytes) -> None:
    """A message is a call of a known method, or an error that can be answered."""
    try:
        call = rpc.parse(data.decode("utf-8", "replace"), PARAMETERS)
    except rpc.Malformed as malformed:
        rpc.failure(malformed.id, malformed.error).encode()
    else:
        assert set(call.params) == PARAMETERS[call.method]
        rpc.result(call.id, {}).encode()


def _verified(token: str, certificate: str, method: str) -> request.Request | None:
    try:
        return request.verify(token, certificate, request.Circumstances(**{**KNOWN, "method": method}))
    except BridgeError as error:
        rpc.failure(1, error).encode()
        return None


def jws(data: bytes) -> None:
    """Nothing but what the server's keys signed is ever accepted."""
    token, _, certificate = data.decode("utf-8", "replace").partition("\n")
    for method in ("sign.begin", "cert.list", "sign.resume"):
        assert _verified(token, certificate, method) is None or (token, certificate) in GENUINE


def _private(name: str) -> ec.EllipticCurvePrivateKey:
    secret = int.from_bytes(octets(REQUESTS["keys"][name]["d"]), "big")
    return ec.derive_private_key(secret, ec.SECP256R1())


def _claims_of(case: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = json_of(octets(case["request"].split(".")[1]))
    return value


ACCEPTED = [case for case in REQUESTS["cases"] if case["accept"]]
REQUEST_KEY = _private("request")
HEAD = ACCEPTED[0]["request"].split(".")[0]


def signed_claims(data: bytes) -> None:
    """A server that signs anything at all gets a request of the right form past, or an error of ours."""
    signed = f"{HEAD}.{jose.b64url(data)}"
    token = f"{signed}.{jose.sign(REQUEST_KEY, signed.encode())}"
    said = json_of(data)
    op = said.get("op") if isinstance(said, dict) else None
    method = {"sign": "sign.begin"}.get(op, op) if isinstance(op, str) and op in claims.FORMS else "cert.list"
    found = _verified(token, ACCEPTED[0]["request_key"], method)
    if found is not None:
        assert said["aud"] == KNOWN["bridge_id"]
        assert len(found.docs) <= 200


def byte_range(data: bytes) -> None:
    """What is found covers everything but one hexadecimal string, to the end."""
    try:
        found = byterange.locate(data)
    except MalformedPdf:
        return
    gap = data[found.gap_start : found.gap_end]
    assert (gap[:1], gap[-1:], found.size) == (b"<", b">", len(data))
    assert not gap[1:-1].strip(b"0")
    assert len(found.digest(data, "sha256")) == 32


def pairing_file(data: bytes) -> None:
    """A pairing of any kind can be shown to a person."""
    value = json_of(data)
    for parse in (model.parse, model.parse_fleet):
        try:
            found = parse(value)
        except PairingError:
            continue
        for origin in found.origins:
            assert display.host(origin).isascii()
            consent.asker(found, origin)
        assert model.parse(found.as_json()).identity == found.identity


def description(data: bytes) -> None:
    """A server's word about itself is a description, or an error of pairing."""
    try:
        found = messages.described(data)
    except PairingError:
        return
    assert 1 <= len(found.origins) <= 8


ANSWERS = vectors("pairing_answer")
KEYS = pairing_code.keys(pairing_code.decode(ANSWERS["code"]))
BELIEVED = [case["answer"] for case in ANSWERS["cases"] if case["accept"]]


def pairing_answer(data: bytes) -> None:
    """No answer is believed that the code did not vouch for."""
    try:
        messages.accepted(data, KEYS, ANSWERS["sent"], ANSWERS["bridge_id"])
    except PairingError:
        return
    assert json_of(data) in BELIEVED


def code(data: bytes) -> None:
    """What is typed is a code of 16 octets, or mistyped."""
    try:
        assert len(pairing_code.decode(data.decode("utf-8", "replace"))) == 16
    except PairingError:
        return


def certificate(data: bytes) -> None:
    """A certificate that is taken can be shown, and signed attributes can name it."""
    try:
        der = claims._der(jose.b64url(data))
    except ValueError:
        return
    for text in consent.readable_facts(der).values():
        display.visible(text).encode()
    assert attributes.SignedAttributes(der, "sha256").over(bytes(32))[0] == 0x31


def key_file(data: bytes) -> None:
    """A PKCS#12 file is fit to be tried, or not."""
    try:
        pkcs12_limits.check(data)
    except pkcs12_limits.UnfitFile:
        return


def shown_text(data: bytes) -> None:
    """Nothing that hides or reorders is left in what a person reads."""
    text = data.decode("utf-8", "surrogatepass") if _is_text(data) else data.decode("latin-1")
    shown = display.visible(text)
    hidden = [one for one in shown if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]
    assert hidden == []
    shown.encode()


def update_manifest(data: bytes) -> None:
    """Nothing but what the publisher signed is a manifest, and what he signed offers files that lie beside it."""
    try:
        found = manifest.verify(data.decode("ascii", "replace").strip(), REQUEST_KEY.public_key())
    except ManifestForged:
        return
    assert data.strip() == MANIFEST
    assert found.file_for("linux-amd64").name == "bridge.deb"


def manifest_claims(data: bytes) -> None:
    """A publisher that signs anything at all gets a manifest of the right form, or an error of ours."""
    try:
        found = manifest.verify(_published(data).decode(), REQUEST_KEY.public_key())
    except ManifestForged:
        return
    assert found.minimum <= found.version
    assert 0 < found.expires - found.created <= manifest.MAX_LIFE
    for file in found.files:
        assert "/" not in file.name
        assert file.name[0] != "."


def _published(claims: bytes) -> bytes:
    header = {"alg": "ES256", "kid": jose.thumbprint(REQUEST_KEY.public_key()), "typ": manifest.TYP}
    signed = f"{jose.b64url(compact(header))}.{jose.b64url(claims)}"
    return f"{signed}.{jose.sign(REQUEST_KEY, signed.encode())}".encode()


MANIFEST_CLAIMS = compact(
    {
        "v": 1, "product": "cectrust-bridge", "version": "1.2.0", "minimum": "1.1.0", "created": 1, "expires": 86401,
        "files": [{"name": "bridge.deb", "platform": "linux-amd64", "size": 9, "sha256": "0" * 64}],
    }
)  # fmt: skip
MANIFEST = _published(MANIFEST_CLAIMS)


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _key_files() -> list[bytes]:
    key = Identity(REQUEST_KEY, "").key
    for_one = BestAvailableEncryption(b"83610472")
    return [pkcs12.serialize_key_and_certificates(b"name", key, None, None, for_one)]


def _call(method: str) -> bytes:
    params = dict.fromkeys(PARAMETERS[method], "x")
    return compact({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


def _cases(name: str, member: str) -> list[bytes]:
    return [compact(case[member]) for case in vectors(name)["cases"]]


def _certificates() -> list[bytes]:
    imports = [_claims_of(case).get("import") for case in ACCEPTED]
    ders = [octets(each["certificate"]) for each in imports if each]
    return ders + [octets(case["certificate"]) for case in vectors("attributes")["cases"]]


TARGETS = (
    Target("json_rpc", json_rpc, [_call(method) for method in METHODS], 160),
    Target("jws", jws, [f"{case['request']}\n{case['request_key']}".encode() for case in ACCEPTED], 40),
    Target("signed_claims", signed_claims, [compact(_claims_of(case)) for case in ACCEPTED], 50),
    Target("byte_range", byte_range, [octets(case["pdf"]) for case in vectors("byterange")["cases"]], 200),
    Target("pairing_file", pairing_file, _cases("pairing", "pairing"), 50),
    Target("description", description, _cases("pairing_description", "answer"), 50),
    Target("pairing_answer", pairing_answer, _cases("pairing_answer", "answer"), 50),
    Target("code", code, [case["text"].encode() for case in vectors("pairing_code")["cases"]], 50),
    Target("certificate", certificate, _certificates(), 30),
    Target("key_file", key_file, _key_files(), 30),
    Target("update_manifest", update_manifest, [MANIFEST], 20),
    Target("manifest_claims", manifest_claims, [MANIFEST_CLAIMS], 20),
    Target("shown_text", shown_text, ["契約書\u202efdp.\u200b\x1b[2J 髙﨑 𠮷乃".encode()], 100, 64 << 10),
)
