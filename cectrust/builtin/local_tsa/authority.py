"""A request to a response: the authority itself, without network."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from cectrust.builtin.rfc3161 import TimeStampResp

LENGTHS = {"sha256": 32, "sha384": 48, "sha512": 64}
"""Imprints that are stamped (T18: never SHA-1), with their length in octets."""
REQUEST_LIMIT = 10_000

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Rejected(Exception):
    """The request is answered with a PKIFailureInfo (RFC 3161, 2.4.2)."""

    def __init__(self, failure: str, text: str) -> None:
        super().__init__(text)
        self.failure = failure
        self.text = text


@dataclass(frozen=True)
class Authority:
    """Signs time-stamp tokens. ``chain``: certificates between ``certificate`` and the root, handed out on request."""

    key: Key
    certificate: x509.Certificate
    chain: Sequence[x509.Certificate]
    policy: str
    accuracy_seconds: int
    next_serial: Callable[[], int]
    now: Callable[[], dt.datetime]

    def respond(self, request: bytes) -> bytes:
        """DER ``TimeStampReq`` to DER ``TimeStampResp``; a bad request is answered, never raised."""
        try:
            return _granted(self._token(self._accept(request)))
        except Rejected as rejected:
            return _rejection(rejected)

    def _accept(self, request: bytes) -> tsp.TimeStampReq:
        query = _parse(request)
        imprint = query["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        if algorithm not in LENGTHS:
            raise Rejected("bad_alg", "imprints are SHA-256, SHA-384 or SHA-512")
        if len(imprint["hashed_message"].native) != LENGTHS[algorithm]:
            raise Rejected("bad_data_format", "the imprint's length is not that of its algorithm")
        if query["req_policy"].native not in (None, self.policy):
            raise Rejected("unaccepted_policy", "only the default policy is served")
        if query["extensions"].native:
            raise Rejected("unaccepted_extensions", "no extension is served")
        return query

    def _token(self, query: tsp.TimeStampReq) -> cms.ContentInfo:
        moment = self.now()
        info = self._info(query, moment)
        attributes = self._signed_attributes(info, moment)
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info)},
                "signer_infos": [self._signer_info(attributes)],
            }
        )
        if query["cert_req"].native:
            signed["certificates"] = [self.certificate, *self.chain]
        return cms.ContentInfo({"content_type": "signed_data", "content": signed})

    def _info(self, query: tsp.TimeStampReq, moment: dt.datetime) -> bytes:
        """DER ``TSTInfo``, to the second: the accuracy says no more."""
        fields = {
            "version": "v1",
            "policy": self.policy,
            "message_imprint": query["message_imprint"],
            "serial_number": self.next_serial(),
            "gen_time": moment.replace(microsecond=0),
            "accuracy": {"seconds": self.accuracy_seconds},
        }
        if query["nonce"].native is not None:
            fields["nonce"] = query["nonce"].native
        return bytes(tsp.TSTInfo(fields).dump())

    def _signed_attributes(self, info: bytes, moment: dt.datetime) -> cms.CMSAttributes:
        certificate_digest = hashlib.sha256(self.certificate.dump()).digest()
        return cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "signing_time", "values": [core.UTCTime(moment.replace(microsecond=0))]},
                {"type": "message_digest", "values": [hashlib.sha256(info).digest()]},
                # ESSCertIDv2 (RFC 5816): its hash algorithm is the default, SHA-256, and therefore left out
                {"type": "signing_certificate_v2", "values": [{"certs": [{"cert_hash": certificate_digest}]}]},
            ]
        )

    def _signer_info(self, attributes: cms.CMSAttributes) -> cms.SignerInfo:
        identifier = {"issuer": self.certificate.issuer, "serial_number": self.certificate.serial_number}
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier({"issuer_and_serial_number": identifier}),
                "digest_algorithm": {"algorithm": "sha256"},
                "signed_attrs": attributes,
                "signature_algorithm": _signature_algorithm(self.key),
                "signature": _sign(self.key, attributes.dump()),
            }
        )


def _parse(request: bytes) -> tsp.TimeStampReq:
    try:
        query = tsp.TimeStampReq.load(request, strict=True)
        if query.native["version"] == "v1" and query.dump(force=True):
            return query
    except (ValueError, TypeError, KeyError) as error:
        raise Rejected("bad_data_format", "not a TimeStampReq") from error
    raise Rejected("bad_request", "not a TimeStampReq of version 1")


def _signature_algorithm(key: Key) -> algos.SignedDigestAlgorithm:
    name = "sha256_rsa" if isinstance(key, rsa.RSAPrivateKey) else "sha256_ecdsa"
    return algos.SignedDigestAlgorithm({"algorithm": name})


def _sign(key: Key, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def _granted(token: cms.ContentInfo) -> bytes:
    return bytes(TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def _rejection(rejected: Rejected) -> bytes:
    status = {"status": "rejection", "status_string": [rejected.text], "fail_info": {rejected.failure}}
    return bytes(TimeStampResp({"status": status}).dump())
