"""The keys role: one process, one Unix socket, three questions.

A request is built from the row that ``load_request`` reads, never from what the caller says; the caller gives the
row's id and the nonce of a connection that it verified.
"""

from __future__ import annotations

import base64
import os
import socket
import socketserver
import struct
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog

from cectrust.database import Database
from cectrust.keys import jose, wire
from cectrust.keys.keyring import Keyring
from cectrust.keys.model import AuthenticationClaims, LoadRequest, RequestClaims
from cectrust.sdk.errors import CectrustError, Conflict, InputRefused, NotFound
from cectrust.sdk.protocols import Clock
from cectrust.tlog import LocalNoteSigner, parse_checkpoint

log = structlog.get_logger(__name__)
LIFE_SECONDS = 120
"""A request's ``exp - iat``; the protocol allows no more."""
TIMEOUT_SECONDS = 10.0
_NONCE_SIZE = 32
_CREDENTIALS = struct.Struct("3i")


class KeysRole:
    """Answers questions; knows nothing of sockets."""

    def __init__(
        self, keyring: Keyring, database: Database, clock: Clock, log_origin: str, load_request: LoadRequest
    ) -> None:
        self._keyring, self._database, self._clock = keyring, database, clock
        self._load_request = load_request
        self._log_origin = log_origin
        self._log = LocalNoteSigner(log_origin, keyring.log_key)
        self._acts: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "sign_request": self._sign_request,
            "sign_checkpoint": self._sign_checkpoint,
            "public_keys": self._public_keys,
        }

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer, or what went wrong; never raises for a wrong question."""
        try:
            act = self._acts.get(str(question.pop("act", None)))
            if act is None:
                raise _refused("no such act")
            return act(question)
        except CectrustError as error:
            log.warning("keys.refused", code=error.code, detail=error.detail)
            return {"error": _kind(error), "code": error.code, "ja": error.ja, "en": error.en}

    def _sign_request(self, question: dict[str, Any]) -> dict[str, Any]:
        operation, request_id, cn = _texts(question, "operation", "request_id", "cn")
        _check_nonce(cn)
        with self._database.reading() as session:
            claims = self._load_request(session, operation, request_id)
        if claims.op != operation:
            raise _refused("the record is for another operation")
        now = self._clock.now() // 1_000_000
        key = self._keyring.request_key(now)
        request = jose.compact(
            key.key, key.kid, "cectrust-request+jws", _payload(claims, self._keyring.issuer, key.kid, cn, now)
        )
        log.info("keys.request_signed", op=operation, jti=claims.jti, bridge=claims.aud, kid=key.kid)
        return {"request": request, "request_key": key.certificate}

    def _sign_checkpoint(self, question: dict[str, Any]) -> dict[str, Any]:
        (text,) = _texts(question, "body")
        try:
            body = base64.b64decode(text, validate=True)
            checkpoint = parse_checkpoint(body.decode())
        except ValueError as error:
            raise _refused("not a checkpoint") from error
        if checkpoint.origin != self._log_origin:
            raise _refused("a checkpoint of another log")
        log.info("keys.checkpoint_signed", size=checkpoint.size)
        return {"line": self._log.sign(body)}

    def _public_keys(self, question: dict[str, Any]) -> dict[str, Any]:
        _texts(question)
        return {
            "issuer": self._keyring.issuer,
            "identity_key": self._keyring.identity_jwk,
            "log_public_key": base64.b64encode(self._log.verifier.public_key).decode(),
        }


class KeysServer(socketserver.ThreadingUnixStreamServer):
    """The role on its socket: mode 0600 in a directory of mode 0700, and only for processes of the same user."""

    daemon_threads = True

    def __init__(self, path: Path, role: KeysRole) -> None:
        """Raises ``Conflict`` if a keys role already listens there."""
        self.role = role
        _make_room(path)
        before = os.umask(0o177)
        try:
            super().__init__(str(path), _Conversation)
        finally:
            os.umask(before)

    def verify_request(self, request: Any, _client_address: object) -> bool:
        """Refuse processes of other users, whatever the file system lets through."""
        _pid, uid, _gid = _CREDENTIALS.unpack(
            request.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        )
        return bool(uid == os.geteuid())

    def handle_error(self, _request: object, _client_address: object) -> None:
        """A caller that went away is no event; anything else is told without its content."""
        log.exception("keys.conversation_failed")


class _Conversation(socketserver.BaseRequestHandler):
    server: KeysServer

    def handle(self) -> None:
        self.request.settimeout(TIMEOUT_SECONDS)
        try:
            while (question := wire.receive(self.request)) is not None:
                wire.send(self.request, self.server.role.answer(question))
        except (InputRefused, OSError) as error:
            log.warning("keys.frame_refused", detail=str(error))


def _make_room(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(str(path)) == 0:
            raise Conflict("keys_running", "鍵プロセスはすでに動いています。", "A keys role already runs.")
    path.unlink(missing_ok=True)


def _payload(claims: RequestClaims | AuthenticationClaims, issuer: str, kid: str, cn: str, now: int) -> dict[str, Any]:
    """Exactly the claims of the protocol's section 4."""
    own = {"v": 1, "iss": issuer, "kid": kid, "cn": cn, "iat": now, "exp": now + LIFE_SECONDS}
    return asdict(claims) | own


def _texts(question: dict[str, Any], *names: str) -> tuple[str, ...]:
    if set(question) != set(names) or not all(isinstance(question[name], str) for name in names):
        raise _refused("other members")
    return tuple(question[name] for name in names)


def _check_nonce(cn: str) -> None:
    try:
        good = len(jose.decode(cn)) == _NONCE_SIZE
    except ValueError:
        good = False
    if not good:
        raise _refused("cn is not 32 octets")


def _kind(error: CectrustError) -> str:
    if isinstance(error, NotFound):
        return "not_found"
    return "conflict" if isinstance(error, Conflict) else "input_refused"


def _refused(detail: str) -> InputRefused:
    return InputRefused("keys_refused", "鍵プロセスが依頼を断りました。", "The keys role refused the question.", detail)
