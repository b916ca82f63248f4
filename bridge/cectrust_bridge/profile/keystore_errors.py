"""What may be wrong with a PKCS#12 file that a person adds. Told at this computer only, never to a page."""

from __future__ import annotations

from ..errors import BridgeError, CertNotFound, DeviceError, PinIncorrect


class FileMissing(BridgeError):
    """There is no such file."""

    name = "file_missing"
    ja = "そのファイルがありません。場所を確かめてください。"
    en = "There is no such file. Check where it is."


class UnfitKeystore(DeviceError):
    """Not a PKCS#12 file, or one that would cost too much to open."""

    ja = "PKCS#12 の証明書ファイルとして読めません。発行元から受け取った .p12 か .pfx のファイルを選んでください。"
    en = "This cannot be read as a PKCS#12 file. Choose the .p12 or .pfx file that the authority gave you."


class WrongPassword(PinIncorrect):
    """The password does not open it."""

    ja = "証明書ファイルのパスワードが違います。発行元から届いたパスワードを確かめて、もう一度お試しください。"
    en = "The password of the file is wrong. Check the one that the authority gave you, and try again."


class NothingUsable(CertNotFound):
    """No certificate inside, or no key that belongs to it."""

    ja = "このファイルには、電子証明書とその鍵の組が入っていません。鍵を含むファイルを発行元から受け取ってください。"
    en = "This file holds no certificate with its key. Ask the authority for the file that has the key."


class AddedAlready(BridgeError):
    """This very file was added before."""

    name = "added_already"
    ja = "このファイルは、すでに追加してあります。そのまま署名にお使いください。"
    en = "This file was added already. Sign with it as it is."


class NotAdded(BridgeError):
    """No file of this name was added."""

    name = "not_added"
    ja = "その名前のファイルは追加してありません。一覧で名前を確かめてください。"
    en = "No file of this name was added. Look at the list for its name."


class ProfileBroken(BridgeError):
    """The settings or the list of files cannot be read; the log says which."""

    name = "profile_broken"
    ja = "署名ブリッジの設定に誤りがあるため、証明書ファイルを変更できません。管理者に連絡してください。"
    en = "The bridge's settings are wrong, so that certificate files cannot be changed. Tell your administrator."
