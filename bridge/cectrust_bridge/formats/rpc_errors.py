"""The errors of JSON-RPC 2.0 itself, in the tree of `errors`."""

from __future__ import annotations

from ..errors import BridgeError


class NotJson(BridgeError):
    """Not JSON."""

    code = -32700
    name = "parse_error"
    ja = "JSON として読めません。"
    en = "Not JSON."


class InvalidRequest(BridgeError):
    """Not a valid request."""

    code = -32600
    name = "invalid_request"
    ja = "要求の形が正しくありません。"
    en = "Not a valid request."


class MethodNotFound(BridgeError):
    """No such method."""

    code = -32601
    name = "method_not_found"
    ja = "この操作はありません。"
    en = "No such method."


class InvalidParams(BridgeError):
    """Wrong parameters."""

    code = -32602
    name = "invalid_params"
    ja = "引数が正しくありません。"
    en = "Wrong parameters."
