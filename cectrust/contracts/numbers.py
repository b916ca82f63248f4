"""The number people use for a contract: ``CT-2026-004182-7``, never reused, with a check digit."""

from __future__ import annotations

from stdnum.iso7064 import mod_11_10


def contract_number(year: int, serial: int) -> str:
    """Year, running number of the year and an ISO/IEC 7064 MOD 11,10 check digit over both."""
    digits = f"{year:04d}{serial:06d}"
    return f"CT-{digits[:4]}-{digits[4:]}-{mod_11_10.calc_check_digit(digits)}"
