"""The built-in RFC 3161 client: any time-stamping authority that answers over HTTP (RFC 3161, 3.4).

The answer is compared with the question (imprint, nonce, policy) before anything is done with it; whether the
token's signature chains to a trusted authority is the signing engine's to judge.
"""

from __future__ import annotations

import secrets
from typing import Any, ClassVar
from urllib.parse import urlsplit

from asn1crypto import cms, core, tsp
from pydantic import BaseModel, ConfigDict, Field

from cectrust.sdk import hookimpl
from cectrust.sdk.errors import Unavailable
from cectrust.sdk.protocols import HttpAnswer, OutboundHttp, PluginContext, Timestamper

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
LIMIT = 100_000
"""Bytes of an answer: a token with its whole chain is below 20,000."""
GRANTED = ("granted", "granted_with_mods")
ALGORITHMS = ("sha256", "sha384", "sha512")


class TimeStampResp(core.Sequence):  # type: ignore[misc]
    """RFC 3161, 2.4.2. asn1crypto's own demands the token that a rejection lacks."""

    _fields: ClassVar = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


class Settings(BaseModel):
    """``[plugins.rfc3161]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://[^\s/@]+(/\S*)?$")
    """Naming it here also allows an address that is not global: a TSA in one's own network."""
    policy: str | None = Field(default=None, pattern=r"^[0-2](\.(0|[1-9][0-9]*))+$")
    """OID of the policy to ask for; an answer under another one is refused."""
    accredited: bool = False
    """The operator states that this authority is 認定 (T13)."""


@hookimpl
def cectrust_settings_section() -> type[Settings]:
    return Settings


@hookimpl
def cectrust_timestampers(context: PluginContext) -> dict[str, Timestamper]:
    return {"rfc3161": Rfc3161("rfc3161", context.settings, context.http)}


class Rfc3161:
    """One authority (``cectrust.sdk.protocols.Timestamper``). Thread-safe."""

    def __init__(self, name: str, settings: Settings, http: OutboundHttp) -> None:
        self.name = name
        self.accredited = settings.accredited
        self._url, self._policy = settings.url, settings.policy
        self._allowed = frozenset({_host_and_port(settings.url)})
        self._http = http

    def timestamp(self, digest: bytes, algorithm: str = "sha256") -> bytes:
        """DER ``TimeStampToken`` over ``digest``; a ``ValueError`` is a digest that is not of ``algorithm``.

        Raises:
            Unavailable: no answer, a refusal, or an answer to another question.
        """
        question = _question(digest, algorithm, self._policy)
        answer = self._http.post(self._url, question.dump(), QUERY, allowed_hosts=self._allowed, limit=LIMIT)
        try:
            return _token(question, answer)
        except (ValueError, TypeError, KeyError) as error:
            raise _refused("malformed answer", repr(error)[:200]) from error


def _host_and_port(url: str) -> str:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or {'http': 80, 'https': 443}[parts.scheme]}"


def _question(digest: bytes, algorithm: str, policy: str | None) -> tsp.TimeStampReq:
    if algorithm not in ALGORITHMS or len(digest) * 8 != int(algorithm[3:]):
        raise ValueError(f"{len(digest)} octets are no {algorithm} digest that may be time-stamped")
    fields: dict[str, Any] = {
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest},
        "nonce": secrets.randbits(127) | 1 << 126,  # the same length always: nobody strips a leading zero
        "cert_req": True,
    }
    return tsp.TimeStampReq({**fields, "req_policy": policy} if policy else fields)


def _token(question: tsp.TimeStampReq, answer: HttpAnswer) -> bytes:
    if answer.status != 200 or answer.content_type != REPLY:
        raise _refused("not a time-stamp reply", f"status {answer.status}, {answer.content_type}")
    reply = TimeStampResp.load(answer.body, strict=True)
    status = reply["status"]
    if status["status"].native not in GRANTED:
        raise _refused("refused", f"{status['status'].native}: {status['fail_info'].native}")
    token = reply["time_stamp_token"]
    _compare(question, _info(token))
    return bytes(token.dump())


def _info(token: cms.ContentInfo) -> tsp.TSTInfo:
    """RFC 3161, 2.4.2: SignedData by one signer over a TSTInfo of version 1."""
    if token["content_type"].native != "signed_data" or len(token["content"]["signer_infos"]) != 1:
        raise _refused("malformed token", "not SignedData of one signer")
    content = token["content"]["encap_content_info"]
    if content["content_type"].native != "tst_info":
        raise _refused("malformed token", "no TSTInfo")
    return content["content"].parsed


def _compare(question: tsp.TimeStampReq, info: tsp.TSTInfo) -> None:
    """RFC 3161, 2.4.2: what must equal the question."""
    asked, got = question["message_imprint"], info["message_imprint"]
    differences = {
        "version": info["version"].native != "v1",
        "imprint": asked["hashed_message"].native != got["hashed_message"].native,
        "algorithm": asked["hash_algorithm"]["algorithm"].native != got["hash_algorithm"]["algorithm"].native,
        "nonce": question["nonce"].native != info["nonce"].native,
        "policy": question["req_policy"].native not in (None, info["policy"].native),
        "critical extension": _has_critical(info["extensions"]),
    }
    if wrong := [name for name, differs in differences.items() if differs]:
        raise _refused("answer to another question", ", ".join(wrong))


def _has_critical(extensions: core.Asn1Value) -> bool:
    return bool(extensions.native) and any(extension["critical"].native for extension in extensions)


def _refused(en: str, detail: str) -> Unavailable:
    return Unavailable(
        "timestamp",
        "タイムスタンプを取得できませんでした。しばらくしてから自動的に再試行します。",
        f"The time-stamping authority gave no usable token: {en}.",
        detail,
    )
