"""How long a certificate may live (rule T4, 電子署名法施行規則6条4号)."""

from datetime import UTC, datetime, timedelta

from cectrust_cecsign.errors import ValidityTooLong
from cectrust_cecsign.model import Validity

LEGAL_MAXIMUM_YEARS = 5
LONGEST_PROCESSING = timedelta(days=150)
"""Examination and posting take weeks, and the application PIN lapses three months after posting."""
_ONE_SECOND = timedelta(seconds=1)


def years_after(moment: datetime, years: int) -> datetime:
    """The same day and time ``years`` later; 29 February becomes 28 February in a common year."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


def validity_from(moment: datetime, years: int) -> Validity:
    """``years`` of validity from ``moment``, whole seconds; the last second is the one before the anniversary,
    because RFC 5280 counts notAfter itself as valid."""
    start = moment.astimezone(UTC).replace(microsecond=0)
    return Validity(start, years_after(start, years) - _ONE_SECOND)


def subscriber_validity(moment: datetime, years: int, accepted_at: datetime) -> Validity:
    """``years`` of validity from ``moment``, ending within five years of the *acceptance of the application*.

    The law counts from the start of validity; counting from acceptance is our stricter reading, so that what was
    examined is never older than five years. The days that examination and post took come off a five-year
    certificate; an application that waited longer than `LONGEST_PROCESSING` is refused instead. An acceptance in
    the future counts for nothing.

    Raises:
        ValidityTooLong: rule T4 would cut off more than the days of processing.
    """
    wanted = validity_from(moment, years)
    counted_from = min(accepted_at.astimezone(UTC), wanted.not_before)
    latest = validity_from(counted_from, LEGAL_MAXIMUM_YEARS).not_after
    if wanted.not_after - latest > LONGEST_PROCESSING:
        raise ValidityTooLong(detail=f"{counted_from:%Y-%m-%d} → {wanted.not_after:%Y-%m-%d}")
    return Validity(wanted.not_before, min(wanted.not_after, latest))
