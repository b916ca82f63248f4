"""kill -9 anywhere: the same command finishes an enrolment or the CA, with one key and one certificate."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cecsign_support import crash
from cecsign_support.ca import (
    OFFICER,
    PIN,
    Ca,
    ShiftedClock,
    context_on,
    make_token,
    opened,
    settings_in,
    softhsm,
    write_pin,
)
from cecsign_support.people import order
from cecsign_support.register import all_issued
from cectrust_cecsign import hierarchy
from cectrust_cecsign.enrolling import enrol
from cectrust_cecsign.model import EnrolmentState, KeyKind, Profile, TokenAddress
from cectrust_cecsign.store import certificates, enrolments
from cectrust_cecsign.tables import certificate
from cectrust_cecsign.token import open_token
from pkcs11 import Attribute, ObjectClass
from sqlalchemy import select

STEPS = [
    ("make_request", "before"),  # an enrolment on record, no key
    ("make_request", "after"),  # a key on the token that no row knows by its public part
    ("_issue", "before"),  # the intent recorded, nothing signed
    ("mark_issued", "before"),  # signed by the CA's key, not yet written
    ("presign", "before"),  # issued, no OCSP response
    ("_deliver", "before"),  # issued, not on the token
    ("_finish", "before"),  # on the token, not recorded as delivered
]


@pytest.mark.parametrize(("step", "when"), STEPS)
def test_an_enrolment_killed_anywhere_is_resumed(ca: Ca, step: str, when: str) -> None:
    address = ca.token()
    kill_at("enrol", ca.directory, step, when)
    intended = subscriber_serials(ca)
    enrolment = enrol(ca.context, OFFICER, order(KeyKind.P256), address, PIN)
    assert enrolment.state is EnrolmentState.DELIVERED
    assert subscriber_serials(ca) == (intended or [enrolment.serial])
    with ca.context.reading() as session:
        issued = certificates.issued(session, enrolment.serial or "")
        assert len(enrolments.everyone(session)) == 1
    assert issued is not None
    assert objects(address) == (1, 1, [issued.der])


@pytest.mark.parametrize(
    ("step", "when", "times"),
    [
        ("ensure_key_pair", "after", 1),  # the root's key is on its token, nothing says so
        ("mark_issued", "before", 2),  # the issuing CA's certificate is signed, not yet written
        ("mark_issued", "before", 4),  # the same for the OCSP responder
    ],
)
def test_the_making_of_the_ca_killed_anywhere_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str, times: int
) -> None:
    monkeypatch.setattr(hierarchy, "RSA_BITS", crash.SMALL_KEYS)
    with new_tokens(tmp_path), opened(f"sqlite:///{tmp_path}/cectrust.db") as database:
        kill_at("init", tmp_path, step, when, times)
        context = context_on(database, tmp_path, ShiftedClock(), settings_in(tmp_path))
        hierarchy.initialise(context, OFFICER)
        hierarchy.initialise(context, OFFICER)
        with context.reading() as session:
            profiles = sorted(one.profile for one in all_issued(session))
            assert len(session.execute(certificate.select()).all()) == 4
        assert profiles == [Profile.ISSUING, Profile.RESPONDER, Profile.ROOT, Profile.TSA_ROOT]
        with open_token(settings_in(tmp_path).online_token.address, PIN) as token:
            assert len(list(token.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))) == 3


@contextmanager
def new_tokens(directory: Path) -> Iterator[None]:
    write_pin(directory)
    with softhsm(directory):
        make_token("cecsign-online")
        make_token("cecsign-offline")
        yield


def kill_at(act: str, directory: Path, step: str, when: str, times: int = 1) -> None:
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = os.environ | {"PYTHONPATH": paths}
    command = [sys.executable, "-W", "error", crash.__file__, act, str(directory), step, when, str(times)]
    finished = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
    assert finished.returncode == -signal.SIGKILL, finished.stderr.decode()


def subscriber_serials(ca: Ca) -> list[str]:
    with ca.context.reading() as session:
        statement = select(certificate.c.serial).where(certificate.c.profile == "subscriber")
        return list(session.scalars(statement))


def objects(address: TokenAddress) -> tuple[int, int, list[bytes]]:
    with open_token(address, PIN) as session:
        found = {
            kind: list(session.get_objects({Attribute.CLASS: kind}))
            for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY, ObjectClass.CERTIFICATE)
        }
        values = [bytes(one[Attribute.VALUE]) for one in found[ObjectClass.CERTIFICATE]]
        return len(found[ObjectClass.PRIVATE_KEY]), len(found[ObjectClass.PUBLIC_KEY]), values
