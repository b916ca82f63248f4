"""A user ID as the server meets it: a certificate with its key, and a bridge identity key of the test's own."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec

from cectrust.keys import jose
from cectrust.sdk.protocols import Actor
from cectrust.signing.bridge_messages import HELLO_DOMAIN, RESULT_DOMAIN
from cectrust.signing.model import Connection, SigningRequest
from tests.support.pki import Entity, sign_raw


@dataclass
class Person:
    """A user ID with a certificate bound to it and a bridge registered for it."""

    actor: Actor
    login_id: str
    entity: Entity
    bridge_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def bridge_jwk(self) -> dict[str, str]:
        return jose.jwk(self.bridge_key.public_key())

    def hello(self, connection: Connection) -> dict[str, Any]:
        """What this person's bridge answers to a connection's challenge (PROTOCOL.md, 5)."""
        cn, bridge_id = jose.encode(secrets.token_bytes(32)), jose.thumbprint(self.bridge_jwk)
        words = (HELLO_DOMAIN, connection.origin, connection.challenge, cn, "1", bridge_id)
        signature = jose.sign_raw(self.bridge_key, b"\x00".join(word.encode() for word in words))
        return {
            "version": 1,
            "capabilities": ["hello", "sign.begin"],
            "bridge_id": bridge_id,
            "cn": cn,
            "signature": jose.encode(signature),
        }

    def listed(self, connection: Connection, *certificates: bytes) -> dict[str, Any]:
        """What this person's bridge answers when it is asked for the certificates on the token."""
        return self._sealed(
            {
                "v": 1,
                "op": "cert.list",
                "bridge_id": jose.thumbprint(self.bridge_jwk),
                "origin": connection.origin,
                "jti": connection.id,
                "certificates": [{"der": jose.encode(der)} for der in certificates],
            }
        )

    def result(self, request: SigningRequest, origin: str, **changes: Any) -> dict[str, Any]:
        """What the bridge returns for one document, signed by the person's key; ``changes`` tamper before sealing."""
        attributes = changes.pop("attributes", request.prepared.signed_attributes)
        signature = changes.pop("signature", None) or sign_raw(self.entity, attributes)
        octets = {"signed_attributes": jose.encode(attributes), "signature": jose.encode(signature)}
        document = {"id": request.document_id, **octets}
        result = {
            "v": 1,
            "op": "sign",
            "bridge_id": jose.thumbprint(self.bridge_jwk),
            "origin": origin,
            "jti": request.batch_id,
            "cert_sha256": hashlib.sha256(request.signer.certificate).hexdigest(),
            "mechanism": request.mechanism.value,
            "index": 0,
            "count": 1,
            "document": document,
            **changes,
        }
        return self._sealed(result)

    def _sealed(self, result: dict[str, Any]) -> dict[str, Any]:
        sealed = jose.sign_raw(self.bridge_key, RESULT_DOMAIN + rfc8785.dumps(result))
        return {**result, "bridge_signature": jose.encode(sealed)}
