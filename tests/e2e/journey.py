"""The journey of the first contract, told once: by the tests and by ``make demo-unattended``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.e2e.office import Office, await_answer
from tests.e2e.running import Running

KIND = "CECSIGN電子証明書"
TITLE = "外壁改修工事 請負契約書（第2回変更）"
LOG_KEY = "log-key.txt"
"""The log's key as the operator publishes it: trust never comes from the receipt itself."""
REASON = "工期の末日が見積書と異なります。ご確認ください。"


@dataclass
class Journey:
    """What happened: where the contract is, what each step took, what was downloaded."""

    out: Path
    contract: str = ""
    milliseconds: dict[str, int] = field(default_factory=dict)
    server_milliseconds: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, *offices: Office) -> Iterator[None]:
        before = [office.tab.server_milliseconds() for office in offices]
        started = time.perf_counter()
        yield
        self.milliseconds[name] = round((time.perf_counter() - started) * 1000)
        spent = [office.tab.server_milliseconds() for office in offices]
        self.server_milliseconds[name] = round(sum(spent) - sum(before))


def travel(running: Running, document: Path, out: Path, office: Callable[[str], Office]) -> Journey:
    """From the first sign-in to both downloads; every expectation is checked on the way."""
    journey = Journey(out)
    a, b = office("a"), office("b")
    _arrive(journey, a, b)
    with journey.step("register", a):
        journey.contract = a.register(TITLE, document, b.facts["company"], KIND)
    _refused_send(journey, a)
    _consent(journey, a, b)
    with journey.step("sign_a", a):
        a.sign(journey.contract, "sign-a")
    _send(journey, a, running)
    _send_back_and_again(journey, a, b)
    with journey.step("sign_b", b):
        b.sign(journey.contract, "sign-b")
    _confirm(journey, a, b)
    _watch(journey, office, running)
    _download(journey, a, b)
    for each in (a, b):
        assert not each.problems, each.problems
    return journey


def _arrive(journey: Journey, a: Office, b: Office) -> None:
    with journey.step("sign_in", a, b):
        for each in (a, b):
            each.sign_in(each.facts["user_login"], each.facts["user_password"])
    a.photograph("home-empty")


def _refused_send(journey: Journey, a: Office) -> None:
    """T7: before consent, sending is refused and says why."""
    with journey.step("refused_send", a):
        a.go(journey.contract)
        a.photograph("contract-draft")
        assert a.submit(f"{journey.contract}/send") == 409
        a.says("電磁的措置の承諾を得ていないため、送付できません（建設業法19条3項）。")
        a.photograph("send-refused")


def _consent(journey: Journey, a: Office, b: Office) -> None:
    with journey.step("consent", a, b):
        a.press(journey.contract, "電磁的措置の承諾を依頼する")
        a.says("取引先に電磁的措置の承諾を依頼しました。")
        b.give_consent()
        b.says("電磁的措置を承諾しました。")


def _send(journey: Journey, a: Office, running: Running) -> None:
    with journey.step("send", a):
        a.press(journey.contract, "取引先に送付する")
        a.says("取引先に送付しました。")
    a.photograph("contract-sent")
    with journey.step("mail"):
        _await_mail(running, "送付")


def _await_mail(running: Running, word: str) -> None:
    """The partner is told by mail; the subject says what happened."""
    from email import message_from_bytes, policy

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        subjects = [message_from_bytes(m.read_bytes(), policy=policy.default)["Subject"] for m in running.mails()]
        if any(word in subject or "届" in subject for subject in subjects):
            return
        time.sleep(0.1)
    raise AssertionError("no mail told the partner of the contract")


def _send_back_and_again(journey: Journey, a: Office, b: Office) -> None:
    with journey.step("read", b):
        b.read(journey.contract)
    b.photograph("contract-received")
    with journey.step("send_back", b):
        b.send_back(journey.contract, REASON)
    a.go(journey.contract)
    a.says(REASON)
    a.photograph("contract-sent-back")
    with journey.step("send_again", a):
        a.press(journey.contract, "取引先に送付する")


def _confirm(journey: Journey, a: Office, b: Office) -> None:
    b.go(journey.contract)
    b.photograph("contract-returned")
    with journey.step("confirm", a):
        a.press(journey.contract, "締結を確認する")
        a.says("締結を確認しました。")
    a.go("/")
    a.photograph("home")


def _watch(journey: Journey, office: Callable[[str], Office], running: Running) -> None:
    """The company ID of A sees all of it and can do nothing to it."""
    company = office("a")
    company.terminal = None
    company.sign_in(company.facts["company_login"], company.facts["company_password"])
    company.go(journey.contract)
    company.says("企業ID では契約業務を行えません。")
    company.tab.lacks(f"form[action^='{journey.contract}/']")
    company.photograph("company-id")
    for act in ("send", "recall", "send-back", "confirm", "discard", "consent-request"):
        assert company.ask(f"{journey.contract}/{act}", {"reason": "理由"}) == 403, act


def _download(journey: Journey, a: Office, b: Office) -> None:
    journey.out.mkdir(parents=True, exist_ok=True)
    with journey.step("receipt", a):
        await_answer(a, f"{journey.contract}/receipt.json", 200, until_then=409)  # the log's next checkpoint covers it
    for each, name in ((a, "contract.pdf"), (b, "contract-b.pdf")):
        each.download(journey.contract, "document.pdf", journey.out / name)
    for name in ("receipt.json", "receipt.pdf"):
        a.download(journey.contract, name, journey.out / name)
        b.download(journey.contract, name, journey.out / f"b-{name}")
    assert (journey.out / "contract.pdf").read_bytes() == (journey.out / "contract-b.pdf").read_bytes()
    assert (journey.out / "receipt.json").read_bytes() == (journey.out / "b-receipt.json").read_bytes()
    for name in ("contract-b.pdf", "b-receipt.json", "b-receipt.pdf"):
        (journey.out / name).unlink()
    published = requests.get(f"{a.base_url}/log/key", timeout=30)
    (journey.out / LOG_KEY).write_bytes(published.content)
