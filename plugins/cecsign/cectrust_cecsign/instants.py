"""Between the product's instants (UTC microseconds) and aware datetimes."""

from datetime import UTC, datetime, timedelta

from cectrust.sdk.protocols import Clock, Instant

_EPOCH = datetime.fromtimestamp(0, UTC)


def to_datetime(instant: int) -> datetime:
    """Aware UTC datetime of an instant."""
    return _EPOCH + timedelta(microseconds=instant)


def to_instant(moment: datetime) -> Instant:
    """Instant of an aware datetime; a naive one raises `TypeError`."""
    return Instant((moment - _EPOCH) // timedelta(microseconds=1))


def now(clock: Clock) -> datetime:
    """The clock's time, cut to whole seconds: X.509 times have no fractions (RFC 5280 4.1.2.5)."""
    return to_datetime(clock.now()).replace(microsecond=0)
