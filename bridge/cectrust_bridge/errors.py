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


def _error(class_name: str, code: int, name: str, ja: str, en: str) -> type[BridgeError]:
    return type(class_name, (BridgeError,), {"code": code, "name": name, "ja": ja, "en": en, "__doc__": en})


NotJson = _error("NotJson", -32700, "parse_error", "JSON として読めません。", "Not JSON.")
InvalidRequest = _error(
    "InvalidRequest", -32600, "invalid_request", "要求の形が正しくありません。", "Not a valid request."
)
MethodNotFound = _error(
    "MethodNotFound", -32601, "method_not_found", "この操作はありません。", "No such method."
)
InvalidParams = _error(
    "InvalidParams", -32602, "invalid_params", "引数が正しくありません。", "Wrong parameters."
)
VersionUnsupported = _error(
    "VersionUnsupported",
    -32001,
    "version",
    "署名ブリッジの版が合いません。新しい版を入れてください。",
    "No common version of the protocol. Update the bridge.",
)
NotPaired = _error(
    "NotPaired",
    -32002,
    "not_paired",
    "このサーバーは、この署名ブリッジに登録されていません。",
    "This server is not paired with this bridge.",
)
BadRequestSignature = _error(
    "BadRequestSignature",
    -32003,
    "bad_request_signature",
    "サーバーの署名を確認できない要求のため、受け付けませんでした。",
    "The request does not carry a valid signature of the server.",
)
Expired = _error(
    "Expired",
    -32004,
    "expired",
    "要求の有効時間が過ぎました。もう一度操作してください。",
    "The request has expired. Start again.",
)
Replay = _error(
    "Replay",
    -32005,
    "replay",
    "すでに使われた要求です。",
    "The request was used before, or on another connection.",
)
OriginMismatch = _error(
    "OriginMismatch",
    -32006,
    "origin_mismatch",
    "要求が、このページのためのものではありません。",
    "The request was made for another origin.",
)
Busy = _error(
    "Busy",
    -32007,
    "busy",
    "署名ブリッジは別の処理中です。開いている確認画面を終えてください。",
    "The bridge is busy with another request. Finish the open window first.",
)
TooLarge = _error("TooLarge", -32008, "too_large", "書類が大きすぎます。", "The documents are too large.")
UserCancelled = _error(
    "UserCancelled", -32010, "user_cancelled", "取り消されました。", "Cancelled by the person."
)
ConsentTimeout = _error(
    "ConsentTimeout",
    -32011,
    "consent_timeout",
    "確認画面で時間内に操作がありませんでした。",
    "Nobody answered the bridge's window in time.",
)
NoModule = _error(
    "NoModule",
    -32020,
    "no_module",
    "トークンのドライバー（PKCS#11モジュール）が見つかりません。",
    "No PKCS#11 module is configured, or none can be loaded.",
)
NoToken = _error("NoToken", -32021, "no_token", "トークンが挿さっていません。", "No token is present.")
TokenRemoved = _error(
    "TokenRemoved",
    -32022,
    "token_removed",
    "トークンが抜かれたか、別のものに替わりました。署名は完了していません。",
    "The token was removed or replaced. Nothing was completed.",
)
PinIncorrect = _error("PinIncorrect", -32023, "pin_incorrect", "PINが違います。", "The PIN is wrong.")
PinFinalTry = _error(
    "PinFinalTry",
    -32024,
    "pin_final_try",
    "PINの入力はあと1回です。次に間違えるとトークンがロックされます。",
    "One try is left. Another wrong PIN locks the token.",
)
PinLocked = _error("PinLocked", -32025, "pin_locked", "トークンがロックされています。", "The PIN is locked.")
PinChangeRequired = _error(
    "PinChangeRequired",
    -32026,
    "pin_change_required",
    "先にトークンのPINを変更してください。",
    "The token's PIN must be changed first.",
)
MechanismUnsupported = _error(
    "MechanismUnsupported",
    -32027,
    "mechanism_unsupported",
    "このトークンまたは証明書では、求められた署名方式を使えません。",
    "The key or the token cannot make this kind of signature.",
)
HashMismatch = _error(
    "HashMismatch",
    -32030,
    "hash_mismatch",
    "届いた書類が、サーバーの示したものと一致しません。署名していません。",
    "The bytes received are not the document the server named. Nothing was signed.",
)
MalformedPdf = _error(
    "MalformedPdf",
    -32031,
    "malformed_pdf",
    "PDFの構造が署名できる形になっていません。署名していません。",
    "The PDF is not in a form that can be signed. Nothing was signed.",
)
CertNotFound = _error(
    "CertNotFound",
    -32032,
    "cert_not_found",
    "指定された電子証明書と秘密鍵が、トークンにありません。",
    "The certificate with its private key is not on a present token.",
)
CertKeyMismatch = _error(
    "CertKeyMismatch",
    -32033,
    "cert_key_mismatch",
    "電子証明書と秘密鍵が対になっていません。",
    "The key on the token does not belong to the certificate.",
)
NoSuchRequest = _error(
    "NoSuchRequest", -32040, "no_such_request", "該当する処理がありません。", "Nothing is under way or kept."
)

WORKER_ERRORS: dict[str, type[BridgeError]] = {
    cls.name: cls
    for cls in (
        DeviceError, NoModule, NoToken, TokenRemoved, PinIncorrect, PinFinalTry, PinLocked, PinChangeRequired,
        MechanismUnsupported, CertNotFound,
    )
}  # fmt: skip
