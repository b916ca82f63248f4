"""The server obeys every vector of the pairing ceremony, accept and reject (``bridge/PROTOCOL.md``, 3 and 10)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cectrust_bridge.pairing import code as bridge_code
from cectrust_bridge.pairing import messages as bridge_messages
from cectrust_bridge.pairing.errors import ServerNotProven
from cectrust_bridge.pairing.model import parse_fleet

from cectrust.keys import jose
from cectrust.sdk.errors import InputRefused
from cectrust.signing import pairing_code, pairing_messages
from cectrust.signing.bridge_model import ServerFacts

VECTORS = Path(__file__).parents[2] / "bridge" / "vectors"
CODES, REQUESTS, ANSWERS, REMOVALS = (
    json.loads((VECTORS / f"pairing_{name}.json").read_text()) for name in ("code", "request", "answer", "removal")
)
CODE = bytes.fromhex(CODES["cases"][0]["code"])


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def facts(description: dict[str, Any]) -> ServerFacts:
    named = (description[name] for name in ("issuer", "server_name", "origins", "identity_key"))
    issuer, name, origins, key = named
    return ServerFacts(issuer, name, tuple(origins), key)


def error_of(message: dict[str, Any]) -> str:
    """What the server that made the code answers; empty when it accepts."""
    try:
        request = pairing_messages.parse_request(json.dumps(message).encode())
        if request.lookup != pairing_code.lookup(CODE):
            return "pairing_code_unknown"
        pairing_messages.check_knowledge(request, pairing_code.keys(CODE))
        pairing_messages.check_bridge(request, facts(REQUESTS["server"]))
    except InputRefused as refused:
        return refused.code
    return ""


def test_a_code_is_shown_as_the_vectors_show_it_and_has_their_keys() -> None:
    case = CODES["cases"][0]
    keys = pairing_code.keys(CODE)
    derived = [jose.encode(key) for key in (pairing_code.lookup(CODE), keys.to_server, keys.to_bridge)]
    assert [pairing_code.shown(CODE), *derived] == [case[n] for n in ("text", "lookup", "to_server", "to_bridge")]


def test_every_new_code_is_another_and_the_bridge_reads_it() -> None:
    made = [pairing_code.new_code() for _ in range(50)]
    assert len(set(made)) == 50
    assert [bridge_code.decode(pairing_code.shown(code)) for code in made] == made


def test_only_the_name_opens_what_is_stored() -> None:
    stored = pairing_code.sealed(CODE)
    assert pairing_code.opened(pairing_code.lookup(CODE), stored) == pairing_code.keys(CODE)
    with pytest.raises(ValueError, match="another name"):
        pairing_code.opened(bytes(32), stored)
    assert pairing_code.keys(CODE).to_server not in stored


@pytest.mark.parametrize("case", REQUESTS["cases"], ids=named)
def test_request_vectors(case: dict[str, Any]) -> None:
    assert error_of(case["message"]) == case.get("error", "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"v": 1, "v": 1}',
        b"\xff",
        b"[" * 5000,
        b'{"v": NaN}',
        b" " * 9000,
        b'{"\\ud800": 1}',
        b"1e999",
    ],
)
def test_bytes_of_no_form_are_one_typed_error(body: bytes) -> None:
    for parse in (pairing_messages.parse_request, pairing_messages.parse_removal):
        with pytest.raises(InputRefused) as refused:
            parse(body)
        assert refused.value.code == "pairing_malformed"


def test_an_answer_is_the_vectors_answer() -> None:
    right = ANSWERS["cases"][0]["answer"]
    request = pairing_messages.parse_request(json.dumps(ANSWERS["sent"]).encode())
    made = pairing_messages.answer(
        request, pairing_code.keys(CODE), facts(right), right["registration"], right["user_hint"]
    )
    assert made == right


def test_the_bridge_does_not_take_an_answer_meant_for_another_request() -> None:
    sent, keys = ANSWERS["sent"], bridge_code.keys(CODE)
    request = pairing_messages.parse_request(json.dumps({**sent, "name": "another"}).encode())
    server = facts(ANSWERS["cases"][0]["answer"])
    made = pairing_messages.answer(request, pairing_code.keys(CODE), server, "f" * 32, "山田")
    with pytest.raises(ServerNotProven):
        bridge_messages.accepted(json.dumps(made).encode(), keys, sent, request.bridge_id)


def test_a_description_is_also_what_an_administrator_pins_for_a_whole_computer() -> None:
    described = pairing_messages.description(facts(REQUESTS["server"]))
    assert described == REQUESTS["server"]
    assert parse_fleet(described).fleet
    right = json.loads((VECTORS / "pairing_fleet.json").read_text())["cases"][0]["pairing"]
    assert pairing_messages.description(facts(right)) == right


@pytest.mark.parametrize("case", REMOVALS["cases"], ids=named)
def test_removal_vectors(case: dict[str, Any]) -> None:
    accepted = True
    try:
        removal = pairing_messages.parse_removal(json.dumps(case["message"]).encode())
        registered = jose.thumbprint(REMOVALS["jwk"]), REMOVALS["registration"]
        pairing_messages.check_removal(removal, REMOVALS["jwk"], REMOVALS["issuer"])
        accepted = (removal.bridge_id, removal.registration) == registered
    except InputRefused:
        accepted = False
    assert accepted is case["accept"]
