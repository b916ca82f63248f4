"""What can go wrong between a person, his bridge and the server he pairs it with: name and two sentences each.

These are for the person at this computer (window, command line); no page ever sees them.
"""

from __future__ import annotations

from typing import ClassVar


class PairingError(ValueError):
    """Root of the tree. `str()` is the English sentence, or what exactly is wrong with a file."""

    name: ClassVar[str] = "pairing_failed"
    ja: ClassVar[str] = "サーバーの登録の記録を読み取れません。管理者に連絡してください。"
    en: ClassVar[str] = "The record of a paired server cannot be read. Ask your administrator."

    def __init__(self, reason: str = "") -> None:
        """`reason` is for the log and the command line; never a secret."""
        super().__init__(reason or self.en)

    def as_json(self) -> dict[str, str]:
        """For `--json`."""
        return {"error": self.name, "ja": self.ja, "en": self.en, "reason": str(self)}


class AddressRefused(PairingError):
    """What was typed is no address of a server."""

    name = "address_refused"
    ja = "アドレスが正しくありません。CECTRUST の画面に表示されたアドレスを、そのまま貼り付けてください。"
    en = "This is not the address of a server. Paste the address that your CECTRUST page shows."


class CodeMistyped(PairingError):
    """The code's check does not fit; nothing was sent."""

    name = "code_mistyped"
    ja = "登録コードに写し間違いがあります。CECTRUST の画面からコピーして、もう一度貼り付けてください。"
    en = "The code was not copied correctly. Copy it from your CECTRUST page and paste it again."


class CodeUnknown(PairingError):
    """The server knows no such code."""

    name = "code_unknown"
    ja = "この登録コードは使えません。CECTRUST の画面で新しい登録コードを作ってください。"
    en = "The server does not accept this code. Make a new one on your CECTRUST page."


class CodeUsed(PairingError):
    """The code was used before."""

    name = "code_used"
    ja = (
        "この登録コードはすでに使われています。"
        "ご自身で使った覚えがないときは、CECTRUST の画面でパソコンの一覧を確かめてください。"
    )
    en = "This code was used already. If that was not you, look at the list of computers on your CECTRUST page."


class CodeExpired(PairingError):
    """The code's ten minutes are over."""

    name = "code_expired"
    ja = "登録コードの有効時間（10分）が過ぎました。CECTRUST の画面で新しい登録コードを作ってください。"
    en = "The code's ten minutes are over. Make a new one on your CECTRUST page."


class ServerUnreachable(PairingError):
    """No connection, or the server is out of order."""

    name = "server_unreachable"
    ja = "サーバーに接続できません。アドレスとネットワーク（プロキシー）の設定を確かめて、もう一度お試しください。"
    en = "The server cannot be reached. Check the address and the network (proxy), then try again."


class CertificateRefused(PairingError):
    """TLS: an unknown authority, another host name, expired."""

    name = "certificate_refused"
    ja = (
        "サーバーの証明書を確認できないため、接続を中止しました。アドレスを確かめてください。"
        "社内の機器が通信を検査しているときは、管理者に相談してください。"
    )
    en = (
        "The server's certificate cannot be verified, so nothing was sent. Check the address. "
        "If your company inspects its traffic, ask your administrator."
    )


class NotCectrust(PairingError):
    """Something answers there, but it is no CECTRUST server, or it redirects."""

    name = "not_cectrust"
    ja = "このアドレスには CECTRUST のサーバーがありません。CECTRUST の画面に表示されたアドレスを確かめてください。"
    en = "There is no CECTRUST server at this address. Check the address that your CECTRUST page shows."


class BridgeOutdated(PairingError):
    """The server speaks another version of pairing."""

    name = "bridge_outdated"
    ja = "署名ブリッジの版が、サーバーと合いません。新しい署名ブリッジを入れてください。"
    en = "The server speaks another version of the protocol. Update the bridge."


class PairingRefused(PairingError):
    """The server knows the code but not this ceremony: something between changed it."""

    name = "pairing_refused"
    ja = (
        "サーバーが登録を断りました。通信が途中で書き換えられたおそれがあります。"
        "この登録コードは使わず、管理者またはヘルプデスクに連絡してください。"
    )
    en = (
        "The server refused the pairing; somebody between may have changed it. "
        "Do not use this code again; tell your administrator or the help desk."
    )


class ServerNotProven(PairingError):
    """The answer does not show that the server knows the code."""

    name = "server_not_proven"
    ja = (
        "接続先が、登録コードを発行したサーバーであることを確認できません。何も登録していません。"
        "管理者またはヘルプデスクに連絡してください。"
    )
    en = (
        "The server could not prove that it made this code. Nothing was paired. "
        "Tell your administrator or the help desk."
    )


class IdentityChanged(PairingError):
    """The server's identity key is not the pinned one."""

    name = "identity_changed"
    ja = (
        "サーバーの身元の鍵が、このパソコンに登録したものと違います。偽のサーバーのおそれがあります。"
        "運営者から鍵を替えたという知らせがあったときだけ、登録を解除してから登録し直してください。"
    )
    en = (
        "The server's identity key is not the one pinned on this computer; it may be a false server. "
        "Only if the operator has announced a new key, unpair the server and pair it anew."
    )


class OriginTaken(PairingError):
    """Another pairing has this origin."""

    name = "origin_taken"
    ja = "このアドレスは、別のサーバーとして登録されています。先にその登録を解除してください。"
    en = "Another paired server has this address. Unpair that one first."


class TooManyTries(PairingError):
    """The server asks to wait."""

    name = "too_many_tries"
    ja = "短い時間に操作が続いたため、サーバーが受け付けませんでした。1分ほど待ってからお試しください。"
    en = "Too many tries. Wait a minute, then try again."


class NoSuchServer(PairingError):
    """Nothing to unpair."""

    name = "no_such_server"
    ja = "このサーバーは登録されていません。登録されているサーバーの一覧を確かめてください。"
    en = "This server is not paired. Look at the list of paired servers."


class ByAdministrator(PairingError):
    """The pairing is the administrator's; this user cannot remove it."""

    name = "by_administrator"
    ja = "このサーバーは管理者が登録したものです。解除は管理者に依頼してください。"
    en = "This server was paired by the administrator. Ask him to remove it; nobody else can."


class RemovalNotKnown(PairingError):
    """The server has no such registration, or this pairing came as a file."""

    name = "removal_not_known"
    ja = "サーバー側の登録は解除できませんでした。CECTRUST の「署名に使うパソコン」の画面で解除してください。"
    en = "The server's own record could not be removed from here. Remove this computer on your CECTRUST page."


class RecordsUnusable(PairingError):
    """The bridge's own settings or folders cannot be read or written; the log says which."""

    name = "records_unusable"
    ja = (
        "署名ブリッジの設定やフォルダーを読み書きできないため、操作を終えられませんでした。"
        "一覧で今の登録を確かめ、管理者に連絡してください。"
    )
    en = (
        "The bridge's own settings or folders cannot be read or written, so this could not be finished. "
        "Look at the list for what is paired now, and tell your administrator."
    )


REFUSALS: dict[str, type[PairingError]] = {
    "pairing_code_unknown": CodeUnknown,
    "pairing_code_used": CodeUsed,
    "pairing_code_expired": CodeExpired,
    "pairing_refused": PairingRefused,
    "pairing_malformed": BridgeOutdated,
    "pairing_unknown": RemovalNotKnown,
    "too_many_requests": TooManyTries,
}
"""By the `code` of the server's refusal. Its sentences are nobody's word yet and are never shown."""
