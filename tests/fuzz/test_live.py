"""The harness of conversations itself: it comes as far as it should, and no defect is lost in it."""

from __future__ import annotations

from typing import Any

import pytest
from cectrust_bridge import errors
from cectrust_bridge.formats import rpc

from tests.fuzz import live
from tests.fuzz.stage import ERRORS, stage

SIGNS = [live.HELLO, live.CONTRACTS, b"@", b"@", live.CONFIRM]


def said(*lines: bytes) -> list[Any]:
    return stage().converse(b"\n".join(lines))


def outcome(*lines: bytes) -> str:
    """The error, or `result`, of the last answer."""
    last = said(*lines)[-1]
    return str(last["error"]["message"]) if "error" in last else "result"


def test_conversations_come_past_consent_and_pin_to_signatures_and_their_acknowledgement() -> None:
    answers = said(*SIGNS, b"?", live.ACK)
    phases = [each["params"]["phase"] for each in answers if each.get("method") == "sign.progress"]
    assert {"receiving", "checking", "consent", "pin", "signing"} == set(phases)
    assert len([each for each in answers if each.get("method") == "sign.result"]) == 2
    report, acknowledged = answers[-2:]
    assert report["result"]["signed"] == ["doc-1", "doc-2"]
    assert acknowledged["result"]["acknowledged"] is True


def test_conversations_reach_every_other_end_of_a_signing() -> None:
    assert outcome(*SIGNS[:-1], b"-", live.CONFIRM) == "user_cancelled"
    assert outcome(live.HELLO, live.BEGIN, b"=abc", live.CONFIRM) == "malformed_pdf"
    assert outcome(live.HELLO, live.BEGIN, b"=abd", live.CONFIRM) == "hash_mismatch"
    assert outcome(*SIGNS, b"?", live.HELLO, live.RESUME, b"?", live.ACK) == "result"
    assert outcome(live.HELLO, live.LOGIN) == "result"
    assert outcome(live.HELLO, live.GENERATE) == "device_error"


def test_a_wrong_answer_of_a_call_that_runs_beside_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors.NoSuchRequest, "code", -32099)  # reserved, and none of ours
    with pytest.raises(AssertionError, match="-32099"):
        said(live.HELLO, live.CONFIRM)
    monkeypatch.undo()
    assert outcome(live.HELLO, live.CONFIRM) == "no_such_request"


def test_an_exception_in_a_call_that_runs_beside_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise KeyError("planted")

    monkeypatch.setattr(rpc, "failure", broken)
    with pytest.raises(AssertionError, match="planted"):
        said(live.HELLO, live.CONFIRM)


def test_a_desk_that_stays_taken_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage().bridge, "release", lambda: None)
    with pytest.raises(errors.Busy):
        said(live.HELLO, live.BEGIN, b".")
    monkeypatch.undo()
    stage().bridge.release()


def test_the_bridges_own_errors_are_known_and_no_number_of_a_whole_range() -> None:
    codes = {code for code, _ in ERRORS}
    assert {-32700, -32600, -32601, -32602, -32001, -32040} <= codes
    assert len(codes) < 40
