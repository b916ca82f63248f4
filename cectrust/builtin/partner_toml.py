"""Certificates of partner CAs (提携電子証明書), each kind described by one TOML file.

::

    code = "partner-example"
    label_ja = "AOS型電子証明書（試験用）"
    label_en = "AOS-type certificate (test)"
    anchors = ["root.pem"]                 # beside the TOML file
    intermediates = ["issuing.pem"]
    policy_oids = ["2.25.1"]               # one of them is in the certificate
    revocation_hosts = ["crl.partner.example:80"]

    [subject]
    required = ["country_name", "common_name"]      # names as in asn1crypto, RFC 5280 A.1
    fixed = { country_name = "JP" }

A key that is not known is an error that names it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from asn1crypto import pem, x509
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cectrust.sdk import hookimpl
from cectrust.sdk.errors import InputRefused, Misconfigured
from cectrust.sdk.protocols import CertificateKind, CertificateProvider, PluginContext

Oid = Annotated[str, Field(pattern=r"^[0-2](\.(0|[1-9][0-9]*))+$")]
HostAndPort = Annotated[str, Field(pattern=r"^[a-z0-9.\[\]:-]+:[0-9]{1,5}$")]


class Settings(BaseModel):
    """``[plugins.partner_toml]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: tuple[Path, ...] = Field(min_length=1)
    """Absolute paths, one per kind of certificate."""


class SubjectRules(BaseModel):
    """What the subject of a holder's certificate must have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    required: tuple[str, ...] = ("common_name",)
    fixed: dict[str, str] = {}


class Description(BaseModel):
    """The TOML file of one kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    label_ja: str = Field(min_length=1)
    label_en: str = Field(min_length=1)
    anchors: tuple[Path, ...] = Field(min_length=1)
    intermediates: tuple[Path, ...] = ()
    policy_oids: frozenset[Oid] = Field(min_length=1)
    revocation_hosts: frozenset[HostAndPort] = frozenset()
    subject: SubjectRules = SubjectRules()


@hookimpl
def cectrust_settings_section() -> type[Settings]:
    return Settings


@hookimpl
def cectrust_certificate_providers(context: PluginContext) -> list[CertificateProvider]:
    return [read_partner(path) for path in context.settings.files]


@dataclass(eq=False)
class PartnerProvider:
    """One partner CA (``cectrust.sdk.protocols.CertificateProvider``)."""

    kind: CertificateKind
    anchor_certificates: tuple[bytes, ...]
    intermediate_certificates: tuple[bytes, ...]
    policy_oids: frozenset[str]
    hosts: frozenset[str]
    subject: SubjectRules

    def anchors(self) -> Sequence[bytes]:
        return self.anchor_certificates

    def intermediates(self) -> Sequence[bytes]:
        return self.intermediate_certificates

    def revocation_hosts(self) -> frozenset[str]:
        return self.hosts

    def accepts(self, certificate: bytes) -> bool:
        """Mine: issued under one of my authorities and policies. Mine but bad: its subject breaks the rules."""
        parsed = _parse(certificate)
        if not (self._issued(parsed) and self._has_policy(parsed)):
            return False
        self._check_subject(parsed)
        return True

    def _issued(self, certificate: x509.Certificate) -> bool:
        authorities = (*self.anchor_certificates, *self.intermediate_certificates)
        return any(x509.Certificate.load(der).subject == certificate.issuer for der in authorities)

    def _has_policy(self, certificate: x509.Certificate) -> bool:
        stated = certificate.certificate_policies_value or ()
        return any(policy["policy_identifier"].dotted in self.policy_oids for policy in stated)

    def _check_subject(self, certificate: x509.Certificate) -> None:
        """No multi-valued attribute is taken: which of two common names would be the signatory's?"""
        subject = certificate.subject.native
        lacking = {name for name in self.subject.required if not isinstance(subject.get(name), str)}
        lacking |= {name for name, value in self.subject.fixed.items() if subject.get(name) != value}
        if lacking:
            raise InputRefused(
                "certificate_subject",
                f"この電子証明書は「{self.kind.label_ja}」ですが、名義の項目が条件を満たしていません。",
                f"The certificate is of the kind {self.kind.code}, but its subject breaks the rules.",
                ", ".join(sorted(lacking)),
            )


def read_partner(path: Path) -> PartnerProvider:
    """Read one description. Raises ``Misconfigured`` that names the file and what is wrong."""
    try:
        description = Description.model_validate(tomllib.loads(path.read_text("utf-8")))
        return _provider(description, path.parent)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _wrong(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (OSError, ValueError) as error:
        raise _wrong(path, str(error)) from error


def _provider(description: Description, directory: Path) -> PartnerProvider:
    return PartnerProvider(
        CertificateKind(description.code, description.label_ja, description.label_en),
        _authorities(directory, description.anchors),
        _authorities(directory, description.intermediates),
        description.policy_oids,
        description.revocation_hosts,
        description.subject,
    )


def _authorities(directory: Path, names: Sequence[Path]) -> tuple[bytes, ...]:
    return tuple(_authority(directory / name) for name in names)


def _authority(path: Path) -> bytes:
    _, _, der = pem.unarmor(path.read_bytes())
    if not x509.Certificate.load(der, strict=True).ca:
        raise ValueError(f"{path.name} is not the certificate of a CA")
    return bytes(der)


def _parse(certificate: bytes) -> x509.Certificate:
    try:
        parsed = x509.Certificate.load(certificate, strict=True)
        _ = parsed.native  # parses it to the end: the rest of this module may rely on it
    except (ValueError, TypeError, KeyError) as error:
        raise InputRefused(
            "certificate_malformed", "電子証明書を読み取れません。", "Not an X.509 certificate.", repr(error)[:200]
        ) from error
    return parsed


def _wrong(path: Path, what: str) -> Misconfigured:
    return Misconfigured(
        "partner_description",
        f"提携電子証明書の設定ファイル {path} に誤りがあります: {what}",
        f"The partner description {path} is wrong: {what}",
    )
