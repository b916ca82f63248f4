"""Applicant numbers: nine digits, the last a check digit (Luhn, ISO/IEC 7812-1 annex B); never given out twice."""

from stdnum import luhn

from cectrust_cecsign.errors import NameRefused
from cectrust_cecsign.names import UB_NAME

DIGITS = 9


def applicant_number(enrolment_id: int) -> str:
    """The number of the applicant whose first enrolment this is."""
    body = f"{enrolment_id:0{DIGITS - 1}d}"
    return body + str(luhn.calc_check_digit(body))


def check_applicant_number(number: str) -> None:
    """Raise `NameRefused` unless the number has nine ASCII digits and its check digit is right."""
    if not (number.isascii() and number.isdigit() and len(number) == DIGITS and luhn.is_valid(number)):
        raise NameRefused("applicant_number", UB_NAME, detail="check digit")
