"""What web and worker processes know of the keys role: its socket."""

from __future__ import annotations

import base64
import socket
from pathlib import Path
from typing import Any

from cectrust.keys import wire
from cectrust.keys.model import PublicKeys, SignedRequest
from cectrust.sdk.errors import CectrustError, Conflict, InputRefused, NotFound, Unavailable

TIMEOUT_SECONDS = 10.0


class KeysClient:
    """Asks the keys role; one connection per question, so that it may restart between any two.

    It is also the log's ``cectrust.tlog.NoteSigner``.
    """

    def __init__(self, path: Path, timeout: float = TIMEOUT_SECONDS) -> None:
        self._path = path
        self._timeout = timeout

    def sign_request(self, operation: str, request_id: str, cn: str) -> SignedRequest:
        """Have the prepared record ``request_id`` signed for the connection whose verified nonce is ``cn``.

        Raises:
            NotFound: there is no such record. Conflict: its time is over.
            Unavailable: the keys role does not answer.
        """
        answer = self._ask(act="sign_request", operation=operation, request_id=request_id, cn=cn)
        return SignedRequest(answer["request"], answer["request_key"])

    def sign_checkpoint(self, body: bytes) -> str:
        """Signature line (C2SP signed-note, no newline) over a checkpoint's text of our own log.

        Raises:
            InputRefused: the text is no checkpoint of this log. Unavailable: no answer.
        """
        answer = self._ask(act="sign_checkpoint", body=base64.b64encode(body).decode())
        return str(answer["line"])

    def sign(self, note_body: bytes) -> str:
        """``sign_checkpoint`` under the name that the log engine knows."""
        return self.sign_checkpoint(note_body)

    def public_keys(self) -> PublicKeys:
        """What pairing files and receipts pin. Raises ``Unavailable``."""
        answer = self._ask(act="public_keys")
        return PublicKeys(answer["issuer"], answer["identity_key"], base64.b64decode(answer["log_public_key"]))

    def _ask(self, **question: Any) -> dict[str, Any]:
        try:
            answer = self._exchange(question)
        except OSError as error:
            raise _unavailable(type(error).__name__) from error
        if answer is None or "error" in answer:
            raise _error_of(answer)
        return answer

    def _exchange(self, question: dict[str, Any]) -> dict[str, Any] | None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(self._timeout)
            connection.connect(str(self._path))
            wire.send(connection, question)
            return wire.receive(connection)


def _unavailable(detail: str) -> Unavailable:
    return Unavailable(
        "keys_unavailable",
        "署名用の鍵プロセスが応答しません。しばらくしてからもう一度お試しください。",
        "The keys role does not answer. Try again shortly.",
        detail,
    )


def _error_of(answer: dict[str, Any] | None) -> CectrustError:
    kind = answer.get("error") if answer else None
    if answer is None or kind not in ("not_found", "conflict", "input_refused"):
        return _unavailable(str(kind))
    if kind == "not_found":
        return NotFound("署名依頼", "signing request")
    return (Conflict if kind == "conflict" else InputRefused)(answer["code"], answer["ja"], answer["en"])
