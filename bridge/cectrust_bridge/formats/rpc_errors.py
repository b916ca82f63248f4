"""The errors of JSON-RPC 2.0 itself, in the tree of `errors`."""

from __future__ import annotations

from ..errors import BridgeError


class NotJson(BridgeError):
    """Not JSON."""

    code = -32700
    name = "parse_error"
    ja = "JSON として読めません。ページを開き直しても同じときは、ヘルプデスクに連絡してください。"
    en = "Not JSON. Reload the page; if that does not help, tell the help desk."


class InvalidRequest(BridgeError):
    """Not a valid request."""

    code = -32600
    name = "invalid_request"
    ja = "要求の形が正しくありません。ページを開き直しても同じときは、ヘルプデスクに連絡してください。"
    en = "Not a valid request. Reload the page; if that does not help, tell the help desk."


class MethodNotFound(BridgeError):
    """No such method."""

    code = -32601
    name = "method_not_found"
    ja = "この署名ブリッジには、求められた操作がありません。新しい版を入れてください。"
    en = "No such method. Update the bridge."


class InvalidParams(BridgeError):
    """Wrong parameters."""

    code = -32602
    name = "invalid_params"
    ja = "引数が正しくありません。ページを開き直しても同じときは、ヘルプデスクに連絡してください。"
    en = "Wrong parameters. Reload the page; if that does not help, tell the help desk."
