"""pkilint as the examiner of everything this CA signs: a finding of WARNING or worse stops it."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from pkilint import loader, pkix, report
from pkilint.pkix import certificate, crl, extension, name, ocsp
from pkilint.validation import ValidationFindingSeverity, ValidationResult

from cectrust_cecsign.errors import LintFailed


def lint_certificate(der: bytes) -> None:
    """Raise `LintFailed` unless the DER certificate conforms to RFC 5280."""
    document = loader.RFC5280CertificateDocumentLoader().load_der_document(der)
    _refuse_findings(_certificate_validator().validate(document.root))


def lint_crl(der: bytes) -> None:
    """Raise `LintFailed` unless the DER CertificateList conforms to RFC 5280."""
    document = loader.RFC5280CertificateListDocumentLoader().load_der_document(der)
    _refuse_findings(_crl_validator().validate(document.root))


def lint_ocsp(der: bytes) -> None:
    """Raise `LintFailed` unless the DER OCSPResponse conforms to RFC 6960."""
    document = loader.RFC6960OCSPResponseDocumentLoader().load_der_document(der)
    _refuse_findings(_ocsp_validator().validate(document.root))


def _refuse_findings(results: Iterable[ValidationResult]) -> None:
    found = list(results)
    if report.get_findings_count(found, ValidationFindingSeverity.WARNING):
        raise LintFailed(detail=report.ReportGeneratorPlaintext(found, ValidationFindingSeverity.WARNING).generate())


@cache
def _certificate_validator() -> Any:
    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


@cache
def _crl_validator() -> Any:
    return crl.create_pkix_crl_validator_container(
        _decoders(),
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )


@cache
def _ocsp_validator() -> Any:
    return ocsp.create_pkix_ocsp_response_validator_container([ocsp.create_response_decoder(), *_decoders()], [])


def _decoders() -> list[Any]:
    return [
        pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
        pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
    ]
