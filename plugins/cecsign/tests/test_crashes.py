"""kill -9 anywhere in an enrolment: the same order finishes it, with one key and one certificate."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cecsign_support import crash
from cecsign_support.ca import OFFICER, PIN, Ca
from cecsign_support.people import order
from cectrust_cecsign.enrolling import enrol
from cectrust_cecsign.model import EnrolmentState, KeyKind, TokenAddress
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
    kill_at(ca.directory, step, when)
    intended = subscriber_serials(ca)
    enrolment = enrol(ca.context, OFFICER, order(KeyKind.P256), address, PIN)
    assert enrolment.state is EnrolmentState.DELIVERED
    assert subscriber_serials(ca) == (intended or [enrolment.serial])
    with ca.context.reading() as session:
        issued = certificates.issued(session, enrolment.serial or "")
        assert len(enrolments.everyone(session)) == 1
    assert issued is not None
    assert objects(address) == (1, 1, [issued.der])


def kill_at(directory: Path, step: str, when: str) -> None:
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = os.environ | {"PYTHONPATH": paths}
    command = [sys.executable, "-W", "error", crash.__file__, str(directory), step, when]
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
