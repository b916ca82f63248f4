"""Logs are JSON lines, and what is secret does not get into them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from cectrust import logs
from cectrust.settings_sections import Logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Other tests keep pytest's own handlers."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_events_are_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Logging())
    structlog.get_logger("room").info("contract.sent", number="K-1", company="株式会社山田")
    (line,) = written(capsys)
    assert (line["event"], line["level"], line["company"]) == ("contract.sent", "info", "株式会社山田")


def test_the_standard_library_s_records_come_out_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Logging())
    logging.getLogger("library").warning("%s went wrong", "it")
    (line,) = written(capsys)
    assert (line["event"], line["logger"]) == ("it went wrong", "library")


@pytest.mark.parametrize(
    "name",
    [
        *("pin", "user_pin", "pins", "pincode", "pin_code", "userPin", "pin2", "new-pin"),
        *("password", "initial_password", "passwords", "dbpassword", "passphrase", "passcode", "PASSWD"),
        *("token", "session_token", "sessiontoken", "csrf_tokens", "Cookie", "Set-Cookie", "apikey", "api_key"),
        *("secret", "client_secrets", "Authorization", "private_key", "privateKey", "recovery_codes"),
    ],
)
def test_what_is_called_a_secret_is_hidden(capsys: pytest.CaptureFixture[str], name: str) -> None:
    logs.configure(Logging())
    inside = {"deep": ({name: "geheim"}, [{"deeper": [{name: ["geheim"]}]}])}
    structlog.get_logger().info("x", **{name: "geheim"}, inner={name: "geheim"}, inside=inside, pin_state="low")
    (line,) = written(capsys)
    assert "geheim" not in json.dumps(line)
    assert line["pin_state"] == "low"


@pytest.mark.parametrize("name", ["opinion", "mapping", "pin_state", "token_label", "shipping", "code", "key_id"])
def test_what_only_sounds_like_a_secret_is_written(capsys: pytest.CaptureFixture[str], name: str) -> None:
    logs.configure(Logging())
    structlog.get_logger().info("x", **{name: "offen"}, inside=[{name: ["offen"]}])
    (line,) = written(capsys)
    assert (line[name], line["inside"]) == ("offen", [{name: ["offen"]}])


def test_talkative_libraries_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Logging())
    logging.getLogger("alembic.runtime.migration").info("Context impl")
    logging.getLogger("dbos").info("register at a console")
    assert written(capsys) == []


def test_below_the_level_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Logging(level="ERROR"))
    structlog.get_logger().warning("x")
    assert written(capsys) == []
