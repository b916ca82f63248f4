"""The plugin inside the whole web application: layout, public access, host names."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from cecsign_support.ca import Ca
from cectrust_cecsign.plugin import TRANSLATIONS
from flask.testing import FlaskClient

from cectrust.app import create_app
from cectrust.platform import Platform, compose
from cectrust.plugins import load_plugins
from cectrust.settings import load_settings
from tests.support import platforms
from tests.web.support import Browser
from tests.web.test_languages import JAPANESE

REPOSITORY = "http://127.0.0.1:8000"
BASE = "http://localhost:8710"
TEMPLATES = TRANSLATIONS.parent / "templates"


@pytest.fixture
def platform(ca: Ca) -> Iterator[Platform]:
    path = platforms.settings_file(ca.directory, f"sqlite:///{ca.directory}/cectrust.db", section(ca))
    plugins = load_plugins([EntryPoint("cecsign", "cectrust_cecsign.plugin", "cectrust")])
    opened = compose(load_settings(path, {}), plugins=plugins, clock=ca.clock)
    yield opened
    opened.close()


@pytest.fixture
def client(platform: Platform) -> FlaskClient:
    return create_app(platform).test_client()


def section(ca: Ca) -> str:
    settings = ca.context.settings
    names = "".join(f'{key} = "{value}"\n' for key, value in settings.common_names)
    token = settings.online_token
    return (
        '[storage]\nstore = "file_store"\n[plugins.cecsign]\n'
        f'repository_url = "{settings.repository_url}"\n'
        f'policy_oid = "{settings.policy_oid}"\norganisation = "{settings.organisation}"\n'
        f"[plugins.cecsign.common_names]\n{names}"
        f'[plugins.cecsign.online_token]\nmodule = "{token.module}"\nlabel = "{token.label}"\n'
        f'pin_file = "{token.pin_file}"\n'
    )


def test_the_page_stands_in_the_houses_layout_for_everybody(client: FlaskClient) -> None:
    page = client.get("/cecsign/", base_url=BASE)
    assert page.status_code == 200
    assert "認証局リポジトリ" in page.text
    assert '<main id="content"' in page.text
    assert 'href="/cecsign/"' in client.get("/sign-in", base_url=BASE).text


def test_crl_and_ocsp_answer_under_the_name_inside_the_certificates(client: FlaskClient) -> None:
    crl = client.get("/cecsign/crl/issuing.crl", base_url=REPOSITORY)
    answer = client.post("/cecsign/ocsp", data=b"garbage", base_url=REPOSITORY)
    assert (crl.status_code, crl.mimetype) == (200, "application/pkix-crl")
    assert (answer.status_code, answer.mimetype) == (200, "application/ocsp-response")


def test_nothing_else_answers_under_that_name(client: FlaskClient) -> None:
    for path in ("/", "/sign-in", "/nowhere"):
        assert client.get(path, base_url=REPOSITORY).status_code == 400
    assert client.get("/cecsign/", base_url="http://elsewhere.example").status_code == 400


def test_the_ca_is_a_provider_of_the_platform(platform: Platform) -> None:
    assert [provider.kind.code for provider in platform.providers] == ["cecsign"]
    assert "cecsign.refresh" in platform.jobs
    platform.jobs["cecsign.refresh"].run()


def test_the_page_is_in_english_for_whoever_chose_it_and_every_sentence_is_translated(
    client: FlaskClient, ca: Ca
) -> None:
    browser = Browser(client)
    browser.post("/language", "/sign-in", {"language": "en", "next": "/"})
    page = browser.get("/cecsign/").text
    main = page[page.index("<main") : page.index("</main>")]
    assert "CA repository" in main
    assert JAPANESE.findall(main.replace(ca.context.settings.organisation, "")) == []


def test_the_compiled_catalogue_is_that_of_the_source_and_complete() -> None:
    folder = TRANSLATIONS / "en" / "LC_MESSAGES"
    catalogue = read_po(io.BytesIO((folder / "messages.po").read_bytes()))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert (folder / "messages.mo").read_bytes() == compiled.getvalue()
    found = {str(message) for _, _, message, _, _ in extract_from_dir(TEMPLATES, [("**.html", "jinja2")])}
    assert found == {message.id for message in catalogue if message.id and message.string}
