"""Tokens that are pulled around a signature, and what a crash may leave of a PIN."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bridge_house import House
from driver import Page, PageError, document
from fake_house import FakeHouse


@pytest.fixture
def fake_page(fake: FakeHouse) -> Iterator[Page]:
    with contextlib.closing(fake.page()) as page:
        yield page


def test_a_token_pulled_before_the_request_signs_nothing(fake: FakeHouse, fake_page: Page, pdf: bytes) -> None:
    certificate = fake_page.certificates()[0]
    fake.person.forget()
    fake.plug()
    with pytest.raises(PageError) as error:
        fake_page.sign(certificate, [pdf])
    assert error.value.code == -32021
    assert "sign?" not in fake.person.transcript


def test_a_token_pulled_after_the_signature_takes_nothing_back(fake: FakeHouse, fake_page: Page, pdf: bytes) -> None:
    report = fake_page.sign(fake_page.certificates()[0], [pdf])
    fake.plug()
    with contextlib.closing(fake.page()) as later:
        again = later.requested("sign.resume", "sign.resume", jti=report["jti"])
        assert (again["signed"], later.results) == (["doc-1"], fake_page.results)
        assert later.call("sign.ack", jti=report["jti"])["acknowledged"]


def test_no_process_that_sees_a_pin_can_leave_a_core(house: House, page: Page, pdf: bytes) -> None:
    certificate = page.certificates()[0]
    house.person.forget()
    house.person.consent = None
    jti = page.begin(certificate, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]")
    pids = house.bridge.children("worker") + house.bridge.children("prompter")
    limits = [Path(f"/proc/{pid}/limits").read_text() for pid in pids]
    assert len(limits) == 2
    assert all("Max core file size        0                    0 " in each for each in limits)
    house.person.say("no")
    with pytest.raises(PageError, match="user_cancelled"):
        page.answer(confirm)


def test_a_process_that_leaves_no_core_cannot_be_read_by_its_own_user(tmp_path: Path) -> None:
    script = (
        "import ctypes, os; from cectrust_bridge.sandbox import leave_no_core; leave_no_core();"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True); os.abort()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.stdout, done.returncode) == ("0\n", -6)
    assert list(tmp_path.iterdir()) == []
