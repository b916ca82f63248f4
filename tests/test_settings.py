"""Settings say what is wrong by name, in both languages, before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from cectrust.sdk.errors import Misconfigured
from cectrust.settings import Settings, load_settings

LEAST = 'data_dir = "data"\n[server]\nbase_url = "http://localhost:8710"\n'


def load(directory: Path, text: str = LEAST, **environment: str) -> Settings:
    (directory / "cectrust.toml").write_text(text)
    return load_settings(directory / "cectrust.toml", environment)


def refusal(directory: Path, text: str = LEAST, **environment: str) -> Misconfigured:
    with pytest.raises(Misconfigured) as caught:
        load(directory, text, **environment)
    return caught.value


def test_two_keys_are_enough_and_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.data_dir == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/cectrust.db"
    assert settings.log_origin == "localhost/log"
    assert settings.operator.trial


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        CECTRUST_SERVER__PORT="9000",
        CECTRUST_OUTBOUND__ALLOWED_HOSTS='["127.0.0.1:3180"]',
        CECTRUST_PLUGINS__SMTP__HOST="mail.example.jp",
        CECTRUST_DATA_DIR="elsewhere",
    )
    assert settings.server.port == 9000
    assert settings.outbound.allowed_hosts == ("127.0.0.1:3180",)
    assert settings.plugins["smtp"] == {"host": "mail.example.jp"}
    assert settings.data_dir == tmp_path / "elsewhere"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (LEAST + "prot = 1\n", "server.prot"),
        ("datadir = 1\n" + LEAST, "datadir"),
        ('[server]\nbase_url = "http://localhost"\n', "data_dir"),
        ('data_dir = "d"\n', "server"),
        (LEAST + 'port = "many"\n', "server.port"),
        (LEAST + "[limits]\nupload_bytes = 0\n", "limits.upload_bytes"),
        (LEAST + "[operator.help_desk]\nfaks = 1\n", "operator.help_desk.faks"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, text: str, named: str) -> None:
    error = refusal(tmp_path, text)
    assert named in error.en
    assert named in error.ja


def test_every_wrong_key_is_named_at_once(tmp_path: Path) -> None:
    error = refusal(tmp_path, LEAST + "prot = 1\n[limits]\npages = 0\n")
    assert "server.prot" in error.en
    assert "limits.pages" in error.en


@pytest.mark.parametrize("variable", ["CECTRUST_SERVR__PORT", "CECTRUST_SERVER__PROT", "CECTRUST_X"])
def test_a_misspelt_variable_is_named(tmp_path: Path, variable: str) -> None:
    assert variable.split("__")[-1].lower().removeprefix("cectrust_") in refusal(tmp_path, **{variable: "1"}).en.lower()


def test_values_do_not_appear_in_the_error_because_they_may_be_secret(tmp_path: Path) -> None:
    text = LEAST + '[database]\nurl = ["postgresql://user:geheim@host/db"]\n'
    assert "geheim" not in str(refusal(tmp_path, text))


@pytest.mark.parametrize(
    "base_url",
    [
        "http://keiyaku.example.jp",
        "https://keiyaku.example.jp/",
        "https://keiyaku.example.jp/app",
        "https://user@keiyaku.example.jp",
        "ftp://localhost",
        "http://localhost.example.jp",
        "https://",
        "",
    ],
)
def test_a_base_url_that_is_no_safe_origin_is_refused(tmp_path: Path, base_url: str) -> None:
    assert "base_url" in refusal(tmp_path, f'data_dir = "d"\n[server]\nbase_url = "{base_url}"\n').en


@pytest.mark.parametrize("base_url", ["https://keiyaku.example.jp", "http://127.0.0.1:8710", "http://[::1]:8710"])
def test_https_and_loopback_are_accepted(tmp_path: Path, base_url: str) -> None:
    assert load(tmp_path, f'data_dir = "d"\n[server]\nbase_url = "{base_url}"\n').server.base_url == base_url


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="CECTRUST_SETTINGS"):
        load_settings(None, {"CECTRUST_SETTINGS": str(tmp_path / "none.toml")})


@pytest.mark.parametrize("text", ["= 1", "a = 1\na = 2", "\x00"])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, text: str) -> None:
    assert "cectrust.toml" in refusal(tmp_path, text).en


def test_settings_cannot_be_changed_later(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(tmp_path).server.port = 1
