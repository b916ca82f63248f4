"""A browser without a screen: keeps cookies, finds the form's token, posts what a form would post."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BASE = "http://localhost:8710"
BOTH_ENGINES = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
"""For tests of pages whose answer could depend on the database; all others run on SQLite."""
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=BASE, buffered=True, **options)

    def form_token(self, page: str) -> str:
        """The token of a page's form."""
        found = _TOKEN.search(self.get(page).text)
        assert found, f"no form on {page}"
        return found[1]

    def post(self, path: str, form_page: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Open the page that has the form, then post with its token."""
        token = self.form_token(form_page)
        return self.client.post(path, base_url=BASE, data={"csrf_token": token, **(data or {})}, **options)

    def post_json(self, path: str, form_page: str, body: object) -> TestResponse:
        """What a script of that page would post."""
        token = self.form_token(form_page)
        headers = {"X-CSRFToken": token, "Accept": "application/json"}
        return self.client.post(path, base_url=BASE, json=body, headers=headers)

    def post_raw(self, path: str, form_page: str, body: bytes, content_type: str) -> TestResponse:
        """These very octets, with the token of the page in the header."""
        token = self.form_token(form_page)
        headers = {"X-CSRFToken": token}
        return self.client.post(path, base_url=BASE, data=body, content_type=content_type, headers=headers)

    def sign_in(self, login_id: str, password: str, **more: str) -> TestResponse:
        return self.post("/sign-in", "/sign-in", {"login_id": login_id, "password": password, **more})

    def change_password(self, current: str, new: str, again: str | None = None) -> TestResponse:
        data = {"current_password": current, "new_password": new, "new_password_again": again or new}
        return self.post("/password", "/password", data)
