"""Time and ids: instants are UTC microseconds, keys are UUIDv7 (RFC 9562, 5.7)."""

from __future__ import annotations

import datetime as dt
import secrets
import time
from zoneinfo import ZoneInfo

from cectrust.sdk.protocols import Clock, Instant

JST = ZoneInfo("Asia/Tokyo")


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        return Instant(time.time_ns() // 1000)


def to_datetime(instant: Instant) -> dt.datetime:
    """Aware UTC datetime, microseconds kept."""
    return dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=instant)


def from_datetime(moment: dt.datetime) -> Instant:
    """Instant of an aware datetime; a naive one raises ``ValueError``."""
    if moment.tzinfo is None:
        raise ValueError("naive datetime")
    return Instant((moment - dt.datetime.fromtimestamp(0, dt.UTC)) // dt.timedelta(microseconds=1))


def jst(instant: Instant) -> dt.datetime:
    """The instant as Japan's wall clock shows it."""
    return to_datetime(instant).astimezone(JST)


def today(clock: Clock) -> dt.date:
    """The legal date: the day in Japan."""
    return jst(clock.now()).date()


def new_id(clock: Clock) -> str:
    """UUIDv7 as 32 hexadecimal digits: ordered by millisecond, 74 random bits."""
    milliseconds = clock.now() // 1000
    value = (milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | secrets.randbits(12) << 64
    return f"{value | 0b10 << 62 | secrets.randbits(62):032x}"
