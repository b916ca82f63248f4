"""Why a manifest or a downloaded file is not believed. Each says so in Japanese and English."""

from __future__ import annotations

from typing import ClassVar


class UpdateError(Exception):
    """Root of this tree. `reason` adds what only the log and the terminal need: a file, a field, a number."""

    name: ClassVar[str] = "update_failed"
    ja: ClassVar[str] = "更新を確認できませんでした。"
    en: ClassVar[str] = "The update could not be checked."

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason or self.en)
        self.reason = reason


class NoUpdateKey(UpdateError):
    """There is no key to verify with, or none may be given."""

    name = "no_update_key"
    ja = "更新の公開鍵がありません。または、この製品では公開鍵が決まっており、別の鍵は使えません。"
    en = "There is no update key, or this build has one of its own and takes no other."


class Unreachable(UpdateError):
    """The address or file cannot be read."""

    name = "unreachable"
    ja = "更新情報を読み込めませんでした。アドレスと接続をご確認ください。"
    en = "The manifest cannot be read. Check the address and the connection."


class ManifestForged(UpdateError):
    """Not signed by the pinned key, or not in the one form."""

    name = "manifest_forged"
    ja = "更新情報の署名を確認できません。配布元にお問い合わせください。"
    en = "The manifest does not carry a valid signature of the publisher."


class ManifestExpired(UpdateError):
    """Past its end: somebody may be holding newer ones back."""

    name = "manifest_expired"
    ja = "更新情報の期限が切れています。新しい更新情報が届いていないか、パソコンの時計が進んでいます。"
    en = "The manifest has expired: newer ones do not get here, or this computer's clock is fast."


class ManifestFromTheFuture(UpdateError):
    """Made more than a day from now."""

    name = "manifest_from_the_future"
    ja = "更新情報の日付が未来です。パソコンの時計をご確認ください。"
    en = "The manifest is dated in the future. Check this computer's clock."


class ManifestOlder(UpdateError):
    """A newer one was seen before."""

    name = "manifest_older"
    ja = "以前に確認したものより古い更新情報です。"
    en = "A newer manifest was seen before this one."


class Downgrade(UpdateError):
    """It offers less than what is installed or was offered."""

    name = "downgrade"
    ja = "今の版より古い版への更新は行いません。"
    en = "It offers an older version than the one installed or seen before."


class FileMismatch(UpdateError):
    """The downloaded file is not the one the manifest names."""

    name = "file_mismatch"
    ja = "届いたファイルが、更新情報に書かれたものと一致しません。使わないでください。"
    en = "The file is not the one that the manifest names. Do not use it."


class NoFileForPlatform(UpdateError):
    """The manifest has nothing for this computer."""

    name = "no_file_for_platform"
    ja = "このパソコン用のファイルが、更新情報にありません。"
    en = "The manifest has no file for this kind of computer."


class HistoryDamaged(UpdateError):
    """What was seen before cannot be read, so that nothing can be said about steps back."""

    name = "history_damaged"
    ja = "更新の記録が壊れています。管理者に相談してください。"
    en = "The record of earlier updates is damaged. Ask your administrator."
