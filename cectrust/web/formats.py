"""How values look on a page: Japan's wall clock, yen with commas, names of weekdays."""

from __future__ import annotations

import datetime as dt

import flask
from flask_babel import get_locale

from cectrust.clock import from_datetime, jst
from cectrust.sdk.protocols import CertificateKind, Instant

WEEKDAYS = "月火水木金土日"
MINUS_SIGN = "\N{MINUS SIGN}"


def date(value: dt.date | None) -> str:
    """``2026年11月23日（月）``; English ``Mon 23 Nov 2026``; an em dash for none."""
    if value is None:
        return "—"
    if _english():
        return f"{value:%a} {value.day} {value:%b %Y}"
    return f"{value.year}年{value.month}月{value.day}日（{WEEKDAYS[value.weekday()]}）"


def day(value: dt.date | None) -> str:
    """``11/23（月）``."""
    if value is None:
        return "—"
    if _english():
        return f"{value:%a} {value.day} {value:%b}"
    return f"{value.month}/{value.day}（{WEEKDAYS[value.weekday()]}）"


def moment(value: Instant | None) -> str:
    """``2026年11月23日（月）12:00``, always Japan's time."""
    return "—" if value is None else f"{date(jst(value).date())}{' ' if _english() else ''}{jst(value):%H:%M}"


def utc(value: dt.datetime | None) -> str:
    """An aware datetime of an engine, shown like ``moment``."""
    return moment(None if value is None else from_datetime(value))


def kind(value: CertificateKind) -> tuple[str, str]:
    """Code and name of a kind of certificate, as the choices of a form want them."""
    return value.code, value.label_en if _english() else value.label_ja


def short(value: Instant | None) -> str:
    """``11/23 12:00``."""
    return "" if value is None else f"{jst(value).month}/{jst(value).day} {jst(value):%H:%M}"


def iso(value: Instant | dt.date | None) -> str:
    """For ``<time datetime>``."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else jst(value).isoformat(timespec="seconds")


def yen(value: int | None) -> str:
    """``￥128,700,000``; an em dash for none."""
    if value is None:
        return "—"
    return f"{MINUS_SIGN if value < 0 else ''}￥{abs(value):,}"


def size(octets: int) -> str:
    """``30 KB``, ``4.8 MB``."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))} KB"
    return f"{octets / 1_000_000:.1f} MB".replace(".0 ", " ")


def install(app: flask.Flask) -> None:
    for filter_ in (date, day, moment, utc, short, iso, yen, size, kind):
        app.add_template_filter(filter_, f"as_{filter_.__name__}")


def _english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"
