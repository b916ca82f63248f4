"""Text messages of a page: which are calls, and what answers those that are none."""

from __future__ import annotations

import json
from typing import Any

JTI = "request-00000001"
CALL: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "sign.cancel", "params": {"jti": JTI}}
PARAMETERS = {
    "hello": ["challenge", "max", "min"],
    "env.check": [],
    **{op: ["request", "request_key"] for op in ("token.list", "cert.list", "sign.begin", "sign.resume")},
    **{op: ["jti"] for op in ("sign.confirm", "sign.cancel", "sign.ack")},
    **{op: ["request", "request_key"] for op in ("auth.sign", "key.generate", "csr.create", "cert.import")},
}


def good(name: str, text: str | None = None, **changes: Any) -> dict[str, Any]:
    said = {**CALL, **changes}
    text = json.dumps(said, ensure_ascii=False) if text is None else text
    return {"name": name, "accept": True, "text": text, "id": said["id"], "method": said["method"]}


def bad(name: str, error: str, value: Any, answered: Any = None) -> dict[str, Any]:
    """`answered`: the id of the error object, null where the message has none that can be used."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return {"name": name, "accept": False, "error": error, "id": answered, "text": text}


def without(name: str) -> dict[str, Any]:
    return {member: value for member, value in CALL.items() if member != name}


def not_json() -> list[dict[str, Any]]:
    right = json.dumps(CALL)
    broken = {
        "empty": "",
        "cut": right[:-1],
        "two objects": right + right,
        "a byte order mark": "\ufeff" + right,
        "a comment": right[:-1] + "/* */}",
        "a comma at the end": right[:-1] + ",}",
        "a member twice": right[:-1] + ',"id":2}',
        "a member twice, deeper": right.replace('{"jti"', '{"jti":"x","jti"'),
        "a float": right.replace('"id": 1', '"id": 1.0'),
        "an exponent": right.replace('"id": 1', '"id": 1e0'),
        "NaN": right.replace('"id": 1', '"id": NaN'),
        "minus infinity": right.replace('"id": 1', '"id": -Infinity'),
        "nested nine deep": right.replace(f'"{JTI}"', "[" * 7 + "]" * 7),
        "half of a pair of surrogates": right.replace(JTI, "\\ud800"),
        "a line feed in a string": right.replace(JTI, "request\n00000001"),
    }
    return [bad(name, "parse_error", text) for name, text in broken.items()]


def not_requests() -> list[dict[str, Any]]:
    ids = {
        "null": None,
        "true": True,
        "an empty text": "",
        "a text of 65 characters": "x" * 65,
        "negative": -1,
        "2^53": 2**53,
        "an object": {},
    }
    return [
        *[bad(f"an id that is {what}", "invalid_request", {**CALL, "id": value}) for what, value in ids.items()],
        bad("a notification", "invalid_request", without("id")),
        bad("a batch", "invalid_request", [CALL]),
        bad("a text", "invalid_request", '"hello"'),
        bad("null", "invalid_request", "null"),
        bad("JSON-RPC 1.0", "invalid_request", {**CALL, "jsonrpc": "1.0"}, 1),
        bad("without jsonrpc", "invalid_request", without("jsonrpc"), 1),
        bad("without params", "invalid_request", without("params"), 1),
        bad("without a method", "invalid_request", without("method"), 1),
        bad("another member", "invalid_request", {**CALL, "token": "x"}, 1),
    ]


def wrong_calls() -> list[dict[str, Any]]:
    unknown = ("sign", "sign.hash", "Sign.Cancel", "sign.cancel ", "", "rpc.discover", "token.changed")
    parameters: dict[str, Any] = {
        "a list": [JTI],
        "null": None,
        "none": {},
        "one too many": {"jti": JTI, "pin": "1234"},
        "another name": {"JTI": JTI},
    }
    return [
        *[bad(f"the method “{name}”", "method_not_found", {**CALL, "method": name}, 1) for name in unknown],
        bad("a method that is a number", "method_not_found", {**CALL, "method": 1}, 1),
        *[bad(f"params: {what}", "invalid_params", {**CALL, "params": value}, 1) for what, value in parameters.items()],
        bad(
            "hello without max", "invalid_params", {**CALL, "method": "hello", "params": {"min": 1, "challenge": ""}}, 1
        ),
        bad("env.check with a parameter", "invalid_params", {**CALL, "method": "env.check", "params": {"all": 1}}, 1),
    ]


def rpc_file() -> dict[str, Any]:
    spaced = json.dumps(CALL, indent=2, sort_keys=True)
    return {
        "description": "Text messages of a page after hello. `methods`: all that this version has, with their "
        "parameters. accept: a call with this id and method (its parameters' values are judged later); else `error` "
        "is the name in the error object, and `id` its id.",
        "methods": PARAMETERS,
        "cases": [
            good("an integer id"),
            good("the smallest id", id=0),
            good("the greatest id", id=2**53 - 1),
            good("a text id", id="あ" * 64),
            good("another order and white space", spaced),
            good("escapes", json.dumps({**CALL, "id": "𠮷"}), id="𠮷"),
            good("eight deep", json.dumps({**CALL, "params": {"jti": [[[[[[]]]]]]}})),
            good("no parameters", method="env.check", params={}),
            *not_json(),
            *not_requests(),
            *wrong_calls(),
        ],
    }
