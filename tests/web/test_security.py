"""What every response carries, and what is refused before any view runs."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from cectrust.app import create_app
from cectrust.platform import Platform
from cectrust.sdk.errors import Conflict, Forbidden, InputRefused, IntegrityBroken, Misconfigured, NotFound, Unavailable
from cectrust.web.application import Application
from cectrust.web.guards import public
from tests.web.conftest import Person
from tests.web.support import BASE, Browser

SECRET = "postgresql://keeper:hunter2@db/cectrust"


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/static/cectrust.css", "/password"])
def test_every_response_is_locked_down(browser: Browser, path: str) -> None:
    headers = browser.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert {"ws://127.0.0.1:48710", "ws://127.0.0.1:48711", "ws://127.0.0.1:48712"} <= set(
        policy["connect-src"].split()
    )
    assert "loopback-network=(self)" in headers["Permissions-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Server-Timing"].startswith("app;dur=")
    assert len(headers["X-Request-Id"]) == 32


def test_pages_have_nothing_inline(browser: Browser) -> None:
    for path in ("/sign-in", "/help/bridge", "/nowhere"):
        page = browser.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert "javascript:" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count("<script src=") + page.count('<script type="module" src=')


def test_only_the_pdf_worker_may_compile_webassembly(browser: Browser) -> None:
    worker = browser.get("/static/vendor/pdfjs/pdf.worker.min.mjs").headers["Content-Security-Policy"]
    assert "'wasm-unsafe-eval'" in worker
    assert "wasm" not in browser.get("/sign-in").headers["Content-Security-Policy"]


def test_pages_are_not_stored_and_static_files_are_kept(browser: Browser) -> None:
    assert browser.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert "max-age=31536000" in browser.get("/static/cectrust.css?v=1").headers["Cache-Control"]
    assert "max-age" not in browser.get("/static/cectrust.css").headers["Cache-Control"]


def test_a_foreign_host_name_is_refused(client: FlaskClient) -> None:
    assert client.get("/sign-in", base_url="http://evil.example").status_code == 400


def test_a_post_without_a_token_changes_nothing(client: FlaskClient, browser: Browser, user: Person) -> None:
    browser.sign_in(user.login_id, user.password)
    answer = client.post("/sign-out", base_url=BASE)
    assert answer.status_code == 400
    assert "画面を開き直して" in answer.text
    assert browser.get("/password").status_code == 200


def test_a_script_may_send_the_token_in_a_header(client: FlaskClient, browser: Browser, user: Person) -> None:
    browser.sign_in(user.login_id, user.password)
    token = browser.get("/password").text.split('"X-CSRFToken": "')[1].split('"')[0]
    assert client.post("/sign-out", base_url=BASE, headers={"X-CSRFToken": token}).status_code == 303


def test_https_is_remembered(platform: Platform) -> None:
    server = platform.settings.server.model_copy(update={"base_url": "https://localhost"})
    settings = platform.settings.model_copy(update={"server": server})
    secure = create_app(Platform(**{**platform.__dict__, "settings": settings}))
    answer = secure.test_client().get("/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


ERRORS = {
    "refused": (InputRefused("a", "日本語の理由", "reason"), 422),
    "forbidden": (Forbidden("a", "日本語の理由", "reason"), 403),
    "missing": (NotFound("契約", "contract"), 404),
    "conflict": (Conflict("a", "日本語の理由", "reason"), 409),
    "unavailable": (Unavailable("a", "日本語の理由", "reason"), 503),
    "broken": (IntegrityBroken("a", SECRET, SECRET, SECRET), 500),
    "misconfigured": (Misconfigured("a", SECRET, SECRET, SECRET), 500),
    "unknown": (RuntimeError(SECRET), 500),
}


@pytest.fixture
def raising(app: Application) -> Application:
    """The application with one more view, which raises what it is asked for."""

    @app.get("/raise/<name>")
    @public
    def raise_error(name: str) -> str:
        raise ERRORS[name][0]

    @app.post("/raise")
    @public
    def never_reached() -> str:
        return "reached"

    return app


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_has_its_status_and_says_no_secret(raising: Application, name: str) -> None:
    error, status = ERRORS[name]
    answer = raising.test_client().get(f"/raise/{name}", base_url=BASE)
    assert answer.status_code == status
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    if status == 500:
        assert answer.headers["X-Request-Id"][-12:].upper() in answer.text
    else:
        assert getattr(error, "ja", "") in answer.text


@pytest.mark.parametrize("name", ERRORS)
def test_scripts_get_the_same_as_json(raising: Application, name: str) -> None:
    answer = raising.test_client().get(f"/raise/{name}", base_url=BASE, headers={"Accept": "application/json"})
    assert answer.status_code == ERRORS[name][1]
    assert answer.json
    assert set(answer.json) == {"code", "message_ja", "message_en"}
    assert SECRET not in answer.text


def test_a_page_that_is_not_there_says_so_in_japanese(browser: Browser) -> None:
    answer = browser.get("/nowhere")
    assert answer.status_code == 404
    assert "見つかりません" in answer.text


def test_htmx_leaves_the_page_when_the_session_has_ended(client: FlaskClient) -> None:
    answer = client.get("/password", base_url=BASE, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in?next=/password?")


@pytest.mark.parametrize(("size", "status"), [(2 << 20, 413), (2000, 401)])
def test_too_large_a_message_is_refused_before_it_is_read(platform: Platform, size: int, status: int) -> None:
    limits = platform.settings.limits.model_copy(update={"upload_bytes": 1000})
    settings = platform.settings.model_copy(update={"limits": limits})
    browser = Browser(create_app(Platform(**{**platform.__dict__, "settings": settings})).test_client())
    parts = {'name="login_id"': b"nobody", 'name="password"': b"wrong", 'name="file"; filename="x"': b"x" * size}
    body = b"".join(
        b"--b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (k.encode(), v) for k, v in parts.items()
    )
    answer = browser.post_raw("/sign-in", "/sign-in", body + b"--b--\r\n", "multipart/form-data; boundary=b")
    assert answer.status_code == status
    assert ("送れるのは 1 KB まで" in answer.text) is (status == 413)
