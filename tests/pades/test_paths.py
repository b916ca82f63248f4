"""Whether a certificate is good now, with authorities that take their time."""

from __future__ import annotations

import datetime as dt
from itertools import count

import pytest

from cectrust.pades import paths
from cectrust.sdk.errors import Unavailable
from tests.support.pki import Pki, now

ANSWERS_ARE_DATED = dt.timedelta(minutes=-5)


def test_an_answer_that_takes_seconds_does_not_come_from_the_future(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is that of the answer, three seconds after the question."""
    monkeypatch.setattr(paths, "monotonic", count(step=3).__next__)
    asked = now() + ANSWERS_ARE_DATED - dt.timedelta(seconds=3)
    assert paths.check_certificate(pki.hanako.der, pki.trust, pki, asked) is not None


def test_an_answer_from_the_future_tells_nothing(pki: Pki) -> None:
    asked = now() + ANSWERS_ARE_DATED - dt.timedelta(minutes=1)
    with pytest.raises(Unavailable, match="revocation_unknown"):
        paths.check_certificate(pki.hanako.der, pki.trust, pki, asked)
