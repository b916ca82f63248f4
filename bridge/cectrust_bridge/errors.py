"""The one tree of errors a page can see: code, stable name, Japanese and English sentence.

PROTOCOL.md section 2 lists them.
"""

from __future__ import annotations

from typing import Any, ClassVar


class BridgeError(Exception):
    """An answer to the page. `facts` are further members of `data`, as the protocol lists; never a secret."""

    code: ClassVar[int] = -32028
    name: ClassVar[str] = "device_error"
    ja: ClassVar[str] = "トークンまたはドライバーが応答しません。挿し直してからやり直してください。"
    en: ClassVar[str] = "The token or its driver failed. Reinsert the token and try again."

    def __init__(self, reason: str = "", **facts: Any) -> None:
        """`reason` is for the person at this computer (log), never for the page."""
        super().__init__(reason or self.en)
        self.facts = facts

    def as_json(self) -> dict[str, Any]:
        """The JSON-RPC error object."""
        return {"code": self.code, "message": self.name, "data": {"ja": self.ja, "en": self.en, **self.facts}}


class DeviceError(BridgeError):
    """The token, its driver or the worker process failed."""


class VersionUnsupported(BridgeError):
    """No common version of the protocol. Update the bridge."""

    code = -32001
    name = "version"
    ja = "署名ブリッジの版が合いません。新しい版を入れてください。"
    en = "No common version of the protocol. Update the bridge."


class NotPaired(BridgeError):
    """This server is not paired with this bridge."""

    code = -32002
    name = "not_paired"
    ja = "このサーバーは、この署名ブリッジに登録されていません。"
    en = "This server is not paired with this bridge."


class BadRequestSignature(BridgeError):
    """The request does not carry a valid signature of the server."""

    code = -32003
    name = "bad_request_signature"
    ja = "サーバーの署名を確認できない要求のため、受け付けませんでした。"
    en = "The request does not carry a valid signature of the server."


class ServerIdentityChanged(BadRequestSignature):
    """The request key is certified by another identity key than the pinned one; same code for the page."""

    ja = (
        "サーバーの身元の鍵が、このパソコンに登録したものと違うため、受け付けませんでした。"
        "運営者から鍵を替えたという知らせがあったときだけ、署名ブリッジで登録を解除し、登録し直してください。"
    )
    en = (
        "The server's identity key is not the one pinned on this computer. "
        "Only if the operator has announced a new key, unpair the server in the bridge and pair it anew."
    )


class Expired(BridgeError):
    """The request has expired. Start again."""

    code = -32004
    name = "expired"
    ja = "要求の有効時間が過ぎました。もう一度操作してください。"
    en = "The request has expired. Start again."


class Replay(BridgeError):
    """The request was used before, or on another connection."""

    code = -32005
    name = "replay"
    ja = "すでに使われた要求です。"
    en = "The request was used before, or on another connection."


class OriginMismatch(BridgeError):
    """The request was made for another origin."""

    code = -32006
    name = "origin_mismatch"
    ja = "要求が、このページのためのものではありません。"
    en = "The request was made for another origin."


class Busy(BridgeError):
    """The bridge is busy with another request. Finish the open window first."""

    code = -32007
    name = "busy"
    ja = "署名ブリッジは別の処理中です。開いている確認画面を終えてください。"
    en = "The bridge is busy with another request. Finish the open window first."


class TooLarge(BridgeError):
    """The documents are too large."""

    code = -32008
    name = "too_large"
    ja = "書類が大きすぎます。"
    en = "The documents are too large."


class UserCancelled(BridgeError):
    """Cancelled by the person."""

    code = -32010
    name = "user_cancelled"
    ja = "取り消されました。"
    en = "Cancelled by the person."


class ConsentTimeout(BridgeError):
    """Nobody answered the bridge's window in time."""

    code = -32011
    name = "consent_timeout"
    ja = "確認画面で時間内に操作がありませんでした。"
    en = "Nobody answered the bridge's window in time."


class NoModule(BridgeError):
    """No PKCS#11 module is configured, or none can be loaded."""

    code = -32020
    name = "no_module"
    ja = "トークンのドライバー（PKCS#11モジュール）が見つかりません。"
    en = "No PKCS#11 module is configured, or none can be loaded."


class NoToken(BridgeError):
    """No token is present."""

    code = -32021
    name = "no_token"
    ja = "トークンが挿さっていません。"
    en = "No token is present."


class TokenRemoved(BridgeError):
    """The token was removed or replaced. Nothing was completed."""

    code = -32022
    name = "token_removed"
    ja = "トークンが抜かれたか、別のものに替わりました。署名は完了していません。"
    en = "The token was removed or replaced. Nothing was completed."


class PinIncorrect(BridgeError):
    """The PIN is wrong."""

    code = -32023
    name = "pin_incorrect"
    ja = "PINが違います。"
    en = "The PIN is wrong."


class PinFinalTry(BridgeError):
    """One try is left. Another wrong PIN locks the token."""

    code = -32024
    name = "pin_final_try"
    ja = "PINの入力はあと1回です。次に間違えるとトークンがロックされます。"
    en = "One try is left. Another wrong PIN locks the token."


class PinLocked(BridgeError):
    """The PIN is locked."""

    code = -32025
    name = "pin_locked"
    ja = "トークンがロックされています。"
    en = "The PIN is locked."


class PinChangeRequired(BridgeError):
    """The token's PIN must be changed first."""

    code = -32026
    name = "pin_change_required"
    ja = "先にトークンのPINを変更してください。"
    en = "The token's PIN must be changed first."


class MechanismUnsupported(BridgeError):
    """The key or the token cannot make this kind of signature."""

    code = -32027
    name = "mechanism_unsupported"
    ja = "このトークンまたは証明書では、求められた署名方式を使えません。"
    en = "The key or the token cannot make this kind of signature."


class PinChangedElsewhere(MechanismUnsupported):
    """This token takes PINs on its own keys only, and its PIN is changed by its own software."""

    ja = "このトークンのPINは、機器のキーで入力します。トークンの管理ソフトで変更してください。"
    en = "This token takes its PIN on its own keys, so that it cannot be changed here. Use the token's own software."


class PinRejected(BridgeError):
    """The token does not accept the new PIN. The old one stays."""

    code = -32029
    name = "pin_rejected"
    ja = "新しいPINを、トークンが受け付けませんでした。長さや使える文字を確かめてください。PINは変わっていません。"
    en = "The token does not accept the new PIN. The old one stays."


class HashMismatch(BridgeError):
    """The bytes received are not the document the server named. Nothing was signed."""

    code = -32030
    name = "hash_mismatch"
    ja = "届いた書類が、サーバーの示したものと一致しません。署名していません。"
    en = "The bytes received are not the document the server named. Nothing was signed."


class MalformedPdf(BridgeError):
    """The PDF is not in a form that can be signed. Nothing was signed."""

    code = -32031
    name = "malformed_pdf"
    ja = "PDFの構造が署名できる形になっていません。署名していません。"
    en = "The PDF is not in a form that can be signed. Nothing was signed."


class CertNotFound(BridgeError):
    """The certificate with its private key is not on a present token."""

    code = -32032
    name = "cert_not_found"
    ja = "指定された電子証明書と秘密鍵が、トークンにありません。"
    en = "The certificate with its private key is not on a present token."


class CertKeyMismatch(BridgeError):
    """The key on the token does not belong to the certificate."""

    code = -32033
    name = "cert_key_mismatch"
    ja = "電子証明書と秘密鍵が対になっていません。"
    en = "The key on the token does not belong to the certificate."


class KeyNotFound(BridgeError):
    """The key pair is not on a present token."""

    code = -32034
    name = "key_not_found"
    ja = "指定された鍵が、トークンにありません。"
    en = "The key pair is not on the token."


class NoSuchRequest(BridgeError):
    """Nothing is under way or kept."""

    code = -32040
    name = "no_such_request"
    ja = "該当する処理がありません。"
    en = "Nothing is under way or kept."


WORKER_ERRORS: dict[str, type[BridgeError]] = {
    cls.name: cls
    for cls in (
        DeviceError, NoModule, NoToken, TokenRemoved, PinIncorrect, PinFinalTry, PinLocked, PinChangeRequired,
        PinRejected, MechanismUnsupported, CertNotFound, CertKeyMismatch, KeyNotFound, UserCancelled,
    )
}  # fmt: skip
