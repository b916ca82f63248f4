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
    ja = "このサーバーは、この署名ブリッジに登録されていません。署名ブリッジの画面でサーバーを登録してください。"
    en = "This server is not paired with this bridge. Pair it in the bridge's window."


class BadRequestSignature(BridgeError):
    """The request does not carry a valid signature of the server."""

    code = -32003
    name = "bad_request_signature"
    ja = "サーバーの署名を確認できないため、受け付けませんでした。続くときは、ヘルプデスクに連絡してください。"
    en = "The request carries no valid signature of the server. If it happens again, tell the help desk."


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
    ja = "すでに使われた要求です。ページを開き直して、もう一度操作してください。"
    en = "The request was used before, or on another connection. Reload the page and try again."


class OriginMismatch(BridgeError):
    """The request was made for another origin."""

    code = -32006
    name = "origin_mismatch"
    ja = "要求が、このページのためのものではありません。案内されたアドレスでページを開き直してください。"
    en = "The request was made for another origin. Open the page again at the address you were told."


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
    ja = "書類が大きすぎます。件数を減らすか、書類を小さくして、やり直してください。"
    en = "The documents are too large. Sign fewer at once, or make them smaller, and try again."


class UserCancelled(BridgeError):
    """Cancelled by the person."""

    code = -32010
    name = "user_cancelled"
    ja = "取り消されました。続けるときは、もう一度はじめから操作してください。"
    en = "Cancelled by the person. To go on, start again."


class ConsentTimeout(BridgeError):
    """Nobody answered the bridge's window in time."""

    code = -32011
    name = "consent_timeout"
    ja = "確認画面で時間内に操作がありませんでした。もう一度操作し、確認画面で答えてください。"
    en = "Nobody answered the bridge's window in time. Start again and answer in that window."


class NoModule(BridgeError):
    """No PKCS#11 module is configured, or none can be loaded."""

    code = -32020
    name = "no_module"
    ja = (
        "トークンのドライバー（PKCS#11モジュール）が見つかりません。"
        "トークンの発行元のドライバーを入れて、もう一度お試しください。"
    )
    en = "No PKCS#11 module is configured, or none can be loaded. Install the driver of your token and try again."


class NoToken(BridgeError):
    """No token is present."""

    code = -32021
    name = "no_token"
    ja = "トークンが挿さっていません。差し込んで、もう一度お試しください。"
    en = "No token is present. Insert it and try again."


class TokenRemoved(BridgeError):
    """The token was removed or replaced. Nothing was completed."""

    code = -32022
    name = "token_removed"
    ja = (
        "トークンが抜かれたか、別のものに替わりました。署名は完了していません。"
        "元のトークンを差し込んで、やり直してください。"
    )
    en = "The token was removed or replaced. Nothing was completed. Insert the first one again and start again."


class PinIncorrect(BridgeError):
    """The PIN is wrong."""

    code = -32023
    name = "pin_incorrect"
    ja = "PINが違います。控えを確かめてから、もう一度お試しください。続けて間違えるとロックされます。"
    en = "The PIN is wrong. Check your note of it and try again. Repeated wrong entries lock the token."


class PinFinalTry(BridgeError):
    """One try is left. Another wrong PIN locks the token."""

    code = -32024
    name = "pin_final_try"
    ja = "PINの入力はあと1回です。次に間違えるとトークンがロックされます。控えが見つかるまで入力しないでください。"
    en = "One try is left. Another wrong PIN locks the token. Do not enter it before you have found your note of it."


class PinLocked(BridgeError):
    """The PIN is locked."""

    code = -32025
    name = "pin_locked"
    ja = "トークンがロックされています。社内の管理者か、電子証明書の発行元に、ロックの解除を依頼してください。"
    en = "The PIN is locked. Ask your administrator, or whoever issued the certificate, to unlock it."


class PinChangeRequired(BridgeError):
    """The token's PIN must be changed first."""

    code = -32026
    name = "pin_change_required"
    ja = "はじめのPINのままでは使えません。署名ブリッジの画面か、トークンの管理ソフトで、先にPINを変更してください。"
    en = "The token's PIN must be changed first. Change it in the bridge's window or with the token's own software."


class MechanismUnsupported(BridgeError):
    """The key or the token cannot make this kind of signature."""

    code = -32027
    name = "mechanism_unsupported"
    ja = "このトークンまたは証明書では、求められた署名方式を使えません。ほかの電子証明書を選んでください。"
    en = "The key or the token cannot make this kind of signature. Choose another certificate."


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
    ja = "届いた書類が、サーバーの示したものと違います。署名していません。続くときは、ヘルプデスクに連絡してください。"
    en = "This is not the document the server named. Nothing was signed. If it happens again, tell the help desk."


class MalformedPdf(BridgeError):
    """The PDF is not in a form that can be signed. Nothing was signed."""

    code = -32031
    name = "malformed_pdf"
    ja = "PDFの構造が署名できる形になっていません。署名していません。ヘルプデスクに連絡してください。"
    en = "The PDF is not in a form that can be signed. Nothing was signed. Tell the help desk."


class CertNotFound(BridgeError):
    """The certificate with its private key is not on a present token."""

    code = -32032
    name = "cert_not_found"
    ja = (
        "指定された電子証明書と秘密鍵が、トークンにありません。"
        "その電子証明書のトークンを差し込んで、もう一度お試しください。"
    )
    en = "The certificate with its private key is not on a present token. Insert the token that has it and try again."


class CertKeyMismatch(BridgeError):
    """The key on the token does not belong to the certificate."""

    code = -32033
    name = "cert_key_mismatch"
    ja = "電子証明書と秘密鍵が対になっていません。電子証明書の発行元に連絡してください。"
    en = "The key on the token does not belong to the certificate. Tell whoever issued the certificate."


class KeyNotFound(BridgeError):
    """The key pair is not on a present token."""

    code = -32034
    name = "key_not_found"
    ja = "指定された鍵が、トークンにありません。鍵を作ったトークンを差し込んで、もう一度お試しください。"
    en = "The key pair is not on the token. Insert the token on which it was made and try again."


class NoSuchRequest(BridgeError):
    """Nothing is under way or kept."""

    code = -32040
    name = "no_such_request"
    ja = "該当する処理がありません。ページを開き直して、もう一度操作してください。"
    en = "Nothing is under way or kept. Reload the page and start again."


WORKER_ERRORS: dict[str, type[BridgeError]] = {
    cls.name: cls
    for cls in (
        DeviceError, NoModule, NoToken, TokenRemoved, PinIncorrect, PinFinalTry, PinLocked, PinChangeRequired,
        PinRejected, MechanismUnsupported, CertNotFound, CertKeyMismatch, KeyNotFound, UserCancelled,
    )
}  # fmt: skip
