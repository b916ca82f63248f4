"""What a bridge says, verified against its registered identity key: ``bridge/PROTOCOL.md``, section 5. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import rfc8785

from cectrust.keys import jose
from cectrust.sdk.errors import InputRefused
from cectrust.signing.model import MOST_DOCUMENTS

VERSION = 1
HELLO_DOMAIN = "cectrust-bridge-hello-v1"
RESULT_DOMAIN = b"cectrust-bridge-result-v1\x00"
NONCE_SIZE = 32
MAX_SIGNED_ATTRIBUTES = 65536
"""Octets; ours are a few hundred."""

_COMMON = frozenset({"v", "op", "bridge_id", "origin", "jti", "bridge_signature"})
_CAPABILITY = re.compile(r"[a-z]+(\.[a-z]+)*")


@dataclass(frozen=True)
class VerifiedHello:
    """A bridge that proved itself for one origin and challenge."""

    bridge_id: str
    cn: str
    """Nonce of the bridge's connection; requests are made for it alone."""
    version: int
    capabilities: tuple[str, ...]


@dataclass(frozen=True)
class SignatureResult:
    """One document's part of a verified ``sign`` result."""

    signed_attributes: bytes
    """DER SET OF Attribute (RFC 5652, 5.4), as the bridge built it."""
    signature: bytes


def verify_hello(hello: Mapping[str, object], *, jwk: Mapping[str, str], origin: str, challenge: str) -> VerifiedHello:
    """Verify the answer to ``hello``; ``jwk`` is the key registered under its ``bridge_id``.

    Raises:
        InputRefused: another form, another bridge, or a signature that does not verify (``bridge_not_proven``).
    """
    if set(hello) != {"version", "capabilities", "bridge_id", "cn", "signature"}:
        raise not_proven("hello has other members")
    cn, version, capabilities = hello["cn"], hello["version"], hello["capabilities"]
    if type(version) is not int or version != VERSION or not _is_nonce(cn) or not _are_capabilities(capabilities):
        raise not_proven("hello has another form")
    bridge_id = _registered(hello["bridge_id"], jwk)
    words = (HELLO_DOMAIN, origin, challenge, str(cn), str(version), bridge_id)
    _verify(jwk, hello["signature"], b"\x00".join(word.encode() for word in words))
    return VerifiedHello(bridge_id, str(cn), version, tuple(cast(Sequence[str], capabilities)))


def verify_result(
    result: Mapping[str, object], *, jwk: Mapping[str, str], origin: str, jti: str, op: str, members: frozenset[str]
) -> None:
    """Verify a signed result of operation ``op`` that has ``members`` beside the common ones.

    Raises:
        InputRefused: not the answer of this bridge to this request (``bridge_not_proven``).
    """
    if set(result) != _COMMON | members:
        raise not_proven("result has other members")
    expected: Mapping[str, object] = {"v": VERSION, "op": op, "origin": origin, "jti": jti}
    if any(result[name] != value or isinstance(result[name], bool) for name, value in expected.items()):
        raise not_proven("result of another request")
    _registered(result["bridge_id"], jwk)
    _verify(jwk, result["bridge_signature"], RESULT_DOMAIN + _canonical(result))


def verify_signature_result(
    result: Mapping[str, object],
    *,
    jwk: Mapping[str, str],
    origin: str,
    jti: str,
    cert_sha256: str,
    mechanism: str,
    document_id: str,
) -> SignatureResult:
    """One document's attributes and signature (``sign.result``); nothing of them is verified here.

    Raises:
        InputRefused: as ``verify_result``, or signed with another certificate, mechanism or document.
    """
    members = frozenset({"cert_sha256", "mechanism", "index", "count", "document"})
    verify_result(result, jwk=jwk, origin=origin, jti=jti, op="sign", members=members)
    if (result["cert_sha256"], result["mechanism"]) != (cert_sha256, mechanism):
        raise not_proven("another certificate or mechanism")
    if not _is_place(result["index"], result["count"]):
        raise not_proven("a place that no document has")
    match result["document"]:
        case {"id": str(found), "signed_attributes": attributes, "signature": signature, **rest} if (
            found == document_id and not rest
        ):
            return SignatureResult(_octets(attributes), _octets(signature))
    raise not_proven("another document")


def named_document(result: Mapping[str, object]) -> str:
    """The document that a result is said to be of, before anything of it is verified; empty if it names none."""
    document = result.get("document")
    return str(document.get("id", "")) if isinstance(document, dict) else ""


def verify_certificate_list(
    result: Mapping[str, object], *, jwk: Mapping[str, str], origin: str, jti: str
) -> list[bytes]:
    """DER of the certificates in a verified ``cert.list`` result; the caller parses them as foreign bytes.

    Raises:
        InputRefused: as ``verify_result``, or a list of another form.
    """
    members = frozenset({"certificates"})
    verify_result(result, jwk=jwk, origin=origin, jti=jti, op="cert.list", members=members)
    listed = result["certificates"]
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise not_proven("certificates have another form")
    return [_octets(entry.get("der")) for entry in listed]


def _registered(bridge_id: object, jwk: Mapping[str, str]) -> str:
    if bridge_id != jose.thumbprint(jwk):
        raise not_proven("another bridge")
    return str(bridge_id)


def _verify(jwk: Mapping[str, str], signature: object, data: bytes) -> None:
    try:
        good = jose.verifies(jose.public_key(jwk), jose.decode(signature), data)
    except ValueError as error:
        raise not_proven("signature has another form") from error
    if not good:
        raise not_proven("signature does not verify")


def _canonical(result: Mapping[str, object]) -> bytes:
    try:
        return rfc8785.dumps(cast(dict[str, Any], {k: v for k, v in result.items() if k != "bridge_signature"}))
    except (rfc8785.CanonicalizationError, ValueError, RecursionError) as error:
        raise not_proven("result is not I-JSON") from error


def _octets(text: object) -> bytes:
    try:
        octets = jose.decode(text)
    except ValueError as error:
        raise not_proven("not base64url") from error
    if len(octets) > MAX_SIGNED_ATTRIBUTES:
        raise not_proven("too long")
    return octets


def _is_place(index: object, count: object) -> bool:
    return type(index) is int and type(count) is int and 0 <= index < count <= MOST_DOCUMENTS


def _is_nonce(text: object) -> bool:
    try:
        return len(jose.decode(text)) == NONCE_SIZE
    except ValueError:
        return False


def _are_capabilities(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= 64
        and all(isinstance(name, str) and _CAPABILITY.fullmatch(name) for name in value)
    )


def not_proven(detail: str) -> InputRefused:
    """``detail`` is for the log."""
    return InputRefused(
        "bridge_not_proven",
        "署名ブリッジからの応答を確認できませんでした。接続をやり直してください。",
        "The bridge's answer could not be verified; connect again.",
        detail,
    )
