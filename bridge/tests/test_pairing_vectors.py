"""The bridge obeys every vector of the pairing ceremony, accept and reject (PROTOCOL.md sections 3 and 10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cectrust_bridge.formats import jose
from cectrust_bridge.pairing import code as pairing_code
from cectrust_bridge.pairing import identity, messages
from cectrust_bridge.pairing.errors import CodeMistyped, PairingError, ServerNotProven
from test_vectors import bridge_key, cases, is_signature, load


@pytest.mark.parametrize("case", cases("pairing_code.json"))
def test_a_code_as_people_paste_it_and_the_keys_in_it(case: dict[str, Any]) -> None:
    if not case["accept"]:
        with pytest.raises(CodeMistyped):
            pairing_code.decode(case["text"])
        return
    code = pairing_code.decode(case["text"])
    keys = pairing_code.keys(code)
    derived = [jose.b64url(key) for key in (keys.lookup, keys.to_server, keys.to_bridge)]
    assert [code.hex(), *derived] == [case[name] for name in ("code", "lookup", "to_server", "to_bridge")]


@pytest.mark.parametrize("case", cases("pairing_description.json"))
def test_a_description(case: dict[str, Any]) -> None:
    octets = json.dumps(case["answer"]).encode()
    if case["accept"]:
        assert messages.described(octets).origins == tuple(case["answer"]["origins"])
    else:
        with pytest.raises(PairingError):
            messages.described(octets)


@pytest.mark.parametrize("case", cases("pairing_answer.json"))
def test_an_answer_is_believed_only_if_the_code_vouches_for_all_of_it(case: dict[str, Any]) -> None:
    file = load("pairing_answer.json")
    keys = pairing_code.keys(pairing_code.decode(file["code"]))
    octets = json.dumps(case["answer"]).encode()
    if case["accept"]:
        found = messages.accepted(octets, keys, file["sent"], file["bridge_id"])
        assert (found.server_name, found.registration) == (
            case["answer"]["server_name"],
            case["answer"]["registration"],
        )
    else:
        with pytest.raises(ServerNotProven):
            messages.accepted(octets, keys, file["sent"], file["bridge_id"])


def test_a_request_is_made_as_the_vectors_make_it() -> None:
    file = load("pairing_request.json")
    right = file["cases"][0]["message"]
    keys = pairing_code.keys(pairing_code.decode(file["code"]))
    server = messages.described(json.dumps(file["server"]).encode())
    bridge = identity.Identity(bridge_key(), jose.thumbprint(bridge_key().public_key()))
    made = messages.request(bridge, keys, right["origin"], server, right["name"])
    assert {**made, **{name: right[name] for name in ("nonce", "system", "possession", "mac")}} == right
    plain = {name: value for name, value in made.items() if name not in ("possession", "mac")}
    assert is_signature(made["possession"], b"cectrust-pairing-possession-v1\0" + _canonical(plain))
    sealed = b"cectrust-pairing-request-v1\0" + _canonical({**plain, "possession": made["possession"]})
    assert pairing_code.is_mac(keys.to_server, sealed, jose.from_b64url(made["mac"], 32))
    assert not pairing_code.is_mac(keys.to_bridge, sealed, jose.from_b64url(made["mac"], 32))


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
