"""What this computer cannot do with documents. For a page all of these are `device_error`, with words of their own."""

from __future__ import annotations

from ..errors import DeviceError


class NotConfined(DeviceError):
    """The renderer could not be locked up, so that it was shown no document."""

    ja = (
        "このパソコンでは、書類を表示する部分を隔離できないため、書類を開きませんでした。署名していません。"
        "Linuxのカーネルのseccompを有効にするよう、パソコンの管理者に頼んでください。"
    )
    en = (
        "This computer does not let the part that displays documents be isolated, so that none was opened. "
        "Nothing was signed. Ask its administrator to enable seccomp in the Linux kernel."
    )


class NotTaken(DeviceError):
    """What came could not be put anywhere: the disk is full or broken."""

    ja = (
        "届いた書類を、このパソコンに置けませんでした。署名していません。"
        "署名ブリッジの設定フォルダーがあるディスクの空き容量を確かめて、もう一度操作してください。"
    )
    en = (
        "This computer could not store the documents that came. Nothing was signed. "
        "See whether the disk with the bridge's profile folder has room, and start again."
    )
