"""Reports as plain JSON objects: what `cectrust verify` prints and the verification page shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cectrust.pades.model import Reason, SignatureReport, TimestampReport, ValidationReport


def report_as_json(file: str, report: ValidationReport) -> dict[str, Any]:
    """Return the JSON object for one file; times are RFC 3339 in UTC, reasons carry `code`, `ja` and `en`."""
    return {
        "file": file,
        "verdict": report.verdict.value,
        "sub_indication": report.sub_indication,
        "sha256": report.file_sha256,
        "size": report.size,
        "signatures": [_signature(one) for one in report.signatures],
        "timestamps": [_timestamp(one) for one in report.timestamps],
        "unsigned_fields": list(report.unsigned_fields),
        "reasons": _reasons(report.reasons),
    }


def _signature(report: SignatureReport) -> dict[str, Any]:
    return {
        "field": report.field,
        "signer": report.signer,
        "certificate_sha256": report.certificate_sha256,
        "level": report.level.value if report.level else None,
        "verdict": report.verdict.value,
        "sub_indication": report.sub_indication,
        "time": _time(report.time),
        "time_proven": report.time_proven,
        "covers": report.covers.value,
        "reasons": _reasons(report.reasons),
        "warnings": _reasons(report.warnings),
    }


def _timestamp(report: TimestampReport) -> dict[str, Any]:
    return {
        "field": report.field,
        "authority": report.authority,
        "verdict": report.verdict.value,
        "time": _time(report.time),
        "covers": report.covers.value,
        "reasons": _reasons(report.reasons),
    }


def _time(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _reasons(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    return [{"code": one.code, "ja": one.ja, "en": one.en} for one in reasons]
