"""T18: RSA-2048 valid past 2030 is pointed out wherever a certificate is met, and stands in nobody's way."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask
import pytest
from click.testing import CliRunner
from cryptography.x509 import CRLDistributionPoints

from cectrust.app import create_app
from cectrust.certificates import service as certificates
from cectrust.cli_verify import verify_command
from cectrust.commands import signers
from cectrust.contracts import service as contracts
from cectrust.contracts.model import State
from cectrust.identity.service import SYSTEM
from cectrust.platform import Platform
from cectrust.sdk.possession import binding_statement
from cectrust.signing import service, views
from cectrust.verification import service as verification
from tests.support.house import House
from tests.support.person import Person
from tests.support.pki import DAY, Entity, issue, rsa_key, sign_raw

CODE = "rsa_2048_past_2030"
WORDS = {"ja": "2031年からは十分に安全とみなされません", "en": "move to RSA-3072 or stronger"}


@pytest.fixture(scope="module")
def person(home: House) -> Person:
    """The sender with such a certificate, not bound yet."""
    return dataclasses.replace(home.sender, entity=long_lived(home, 12))


def long_lived(home: House, serial: int) -> Entity:
    extensions = home.sender.entity.certificate.extensions
    (url,) = extensions.get_extension_for_class(CRLDistributionPoints).value[0].full_name
    key, lifetime = rsa_key(2048, serial), 1800 * DAY
    return issue("建設 花子", key, home.pki.issuing, ocsp_url=None, crl_url=url.value, lifetime=lifetime)


def bound(home: House, person: Person) -> Person:
    login_id, der = person.login_id, person.entity.der
    with home.platform.reading() as work:
        known = [one.certificate for one in certificates.bindings_of(work, person.actor.id)]
    if der not in known:
        proof = sign_raw(person.entity, binding_statement(login_id, der))
        certificates.bind(SYSTEM, home.platform, login_id, der, proof)
    return person


@contextmanager
def reading(home: House, language: str) -> Iterator[None]:
    """A request of somebody who chose this language."""
    with create_app(home.platform).test_request_context():
        flask.session["language"] = language
        yield


def test_T18_the_choice_warns_of_it_and_of_no_other(home: House, person: Person) -> None:
    mine = bound(home, person)
    batch = home.chosen(mine, home.register().id)
    connection = home.connected(mine)
    listed = mine.listed(connection, mine.entity.der, home.recipient.entity.der)
    long, other = service.choices(mine.actor, home.platform, batch.id, connection.id, listed)
    assert (long.usable, [one.code for one in long.warnings], other.warnings) == (True, [CODE], ())
    for language, words in WORDS.items():
        with reading(home, language):
            (shown,) = views._shown(long)["warnings"]
        assert words in shown


def signed_file(home: House, person: Person, folder: Path) -> Path:
    contract = home.register()
    home.sign(bound(home, person), contract.id)
    assert home.contract(contract.id).state is State.SIGNED
    _, key = home.read(contracts.original, home.sender.actor, contract.id)
    home.platform.blobs.fetch(key, folder / "signed.pdf")
    return folder / "signed.pdf"


def test_T18_it_signs_and_verification_says_so(home: House, person: Person, tmp_path: Path) -> None:
    path = signed_file(home, person, tmp_path)
    report = verification.verify(home.sender.actor, home.platform, path)
    assert [one.code for one in report.signatures[0].warnings] == [CODE]
    for language, words in WORDS.items():
        with reading(home, language):
            page = flask.render_template("verification/verify.html", report=report, name="契約書.pdf", refusal=None)
        assert words in page
    told = CliRunner().invoke(verify_command, [str(path)])
    assert all(words in told.output for words in WORDS.values())
    told = CliRunner().invoke(verify_command, [str(path), "--json"])
    assert [one["code"] for one in json.loads(told.output)["signatures"][0]["warnings"]] == [CODE]


def test_T18_binding_it_warns_and_binds(home: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def the_platform() -> Iterator[Platform]:
        yield home.platform

    monkeypatch.setattr(signers, "the_platform", the_platform)
    entity = long_lived(home, 13)
    pem, proof, login_id = tmp_path / "a.pem", tmp_path / "a.proof", home.sender.login_id
    pem.write_bytes(entity.pem)
    proof.write_bytes(sign_raw(entity, binding_statement(login_id, entity.der)))
    arguments = ["bind", "--login", login_id, "--certificate", str(pem), "--proof", str(proof)]
    told = CliRunner().invoke(signers.certificate, arguments)
    assert told.exit_code == 0, told.output
    assert all(words in told.stderr for words in WORDS.values())
    assert json.loads(told.stdout)["holder"] == "建設 花子"
