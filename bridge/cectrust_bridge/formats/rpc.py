"""JSON-RPC 2.0 as the protocol allows it: one call a message, exact parameters (PROTOCOL.md section 2)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BridgeError
from . import strictjson
from .rpc_errors import InvalidParams, InvalidRequest, MethodNotFound, NotJson

MAX_TEXT = 256 * 1024
Id = str | int | None


@dataclass(frozen=True)
class Call:
    """A well-formed call of a known method with exactly its parameters."""

    id: Id
    method: str
    params: Mapping[str, Any]


class Malformed(Exception):
    """A message that is no such call: the error to answer, and the id if it had a usable one."""

    def __init__(self, error: BridgeError, call_id: Id = None) -> None:
        super().__init__(error.name)
        self.error = error
        self.id = call_id


def _usable_id(value: object) -> bool:
    return (isinstance(value, str) and 1 <= len(value) <= 64) or (type(value) is int and 0 <= value < 2**53)


def parse(text: str, parameters: Mapping[str, Collection[str]]) -> Call:
    """One text message as a call of a method in `parameters`; Malformed otherwise."""
    try:
        value = strictjson.parse(text)
    except ValueError as error:
        raise Malformed(NotJson()) from error
    if not isinstance(value, dict) or not _usable_id(value.get("id")):
        raise Malformed(InvalidRequest())
    call_id, method, params = value["id"], value.get("method"), value.get("params")
    if set(value) != {"jsonrpc", "id", "method", "params"} or value["jsonrpc"] != "2.0":
        raise Malformed(InvalidRequest(), call_id)
    if not isinstance(method, str) or method not in parameters:
        raise Malformed(MethodNotFound(), call_id)
    if not isinstance(params, dict) or set(params) != set(parameters[method]):
        raise Malformed(InvalidParams(), call_id)
    return Call(call_id, method, params)


def result(call_id: Id, value: Mapping[str, Any]) -> str:
    """The text of an answer."""
    return json.dumps({"jsonrpc": "2.0", "id": call_id, "result": value}, ensure_ascii=False)


def failure(call_id: Id, error: BridgeError) -> str:
    """The text of an error answer."""
    return json.dumps({"jsonrpc": "2.0", "id": call_id, "error": error.as_json()}, ensure_ascii=False)


def notification(method: str, params: Mapping[str, Any]) -> str:
    """The text of a notification."""
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": params}, ensure_ascii=False)
