"""How much of a request is read, of whom, and what is asked before the first octet."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Person
from tests.web.support import BASE, Browser

MEGABYTE = 1 << 20
FORM = "application/x-www-form-urlencoded"


class Watched(io.BytesIO):
    """A body that knows whether somebody read of it."""

    touched = False

    def read(self, *size: Any) -> bytes:
        self.touched = True
        return super().read(*size)

    def readline(self, *size: Any) -> bytes:
        self.touched = True
        return super().readline(*size)

    def readinto(self, buffer: Any) -> int:
        self.touched = True
        return super().readinto(buffer)


def send(client: FlaskClient, path: str, size: int, **headers: str) -> tuple[int, bool]:
    """Status, and whether the body was read."""
    body = Watched(b"a=" + b"x" * (size - 2))
    answer = client.post(
        path, base_url=BASE, input_stream=body, content_length=size, content_type=FORM, headers=headers
    )
    return answer.status_code, body.touched


@pytest.mark.parametrize("path", ["/contracts", "/verify", "/contracts/0/document", "/signing/batches"])
def test_of_who_is_not_signed_in_nothing_is_read(client: FlaskClient, path: str) -> None:
    assert send(client, path, 200) == (303, False)
    assert send(client, path, 50 * MEGABYTE) == (303, False)


def test_what_everybody_may_post_is_short(client: FlaskClient) -> None:
    assert send(client, "/sign-in", 2 * MEGABYTE) == (413, False)
    assert send(client, "/language", 2 * MEGABYTE) == (413, False)


def test_tries_are_counted_before_their_form_is_read(client: FlaskClient) -> None:
    answers = [send(client, "/sign-in", 200) for _ in range(31)]
    assert answers[-1] == (429, False)


def test_who_is_signed_in_sends_files_where_files_are_taken(signed_in: Browser) -> None:
    token = signed_in.form_token("/verify")
    assert send(signed_in.client, "/password", 2 * MEGABYTE, **{"X-CSRFToken": token}) == (413, False)
    head = b'--b\r\nContent-Disposition: form-data; name="document"; filename="x.pdf"\r\n\r\n'
    body = head + b"x" * 2 * MEGABYTE + b"\r\n--b--\r\n"
    assert signed_in.post_raw("/verify", "/verify", body, "multipart/form-data; boundary=b").status_code == 200


def test_who_still_has_his_initial_password_sends_no_files(browser: Browser, user: Person) -> None:
    browser.sign_in(user.login_id, user.password)
    assert send(browser.client, "/verify", 2 * MEGABYTE) == (303, False)
