"""CECSIGN as a kind of certificate that partners can agree on."""

from collections.abc import Sequence

from cryptography import x509

from cectrust.sdk.errors import InputRefused
from cectrust.sdk.protocols import CertificateKind, PluginContext
from cectrust_cecsign.errors import NotInitialised
from cectrust_cecsign.model import Authority
from cectrust_cecsign.settings import settings_of
from cectrust_cecsign.store import authorities, certificates

KIND = CertificateKind("cecsign", "CECSIGN電子証明書", "CECSIGN certificate")


class NotOnRegister(InputRefused):
    """Looks like ours, but is not a subscriber certificate that this CA's register knows."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "cecsign.not_on_register",
            "この電子証明書はCECSIGNの発行台帳にありません。署名には使用できません。ヘルプデスクへご連絡ください。",
            "This certificate is not on CECSIGN's register and cannot be used to sign. Contact the help desk.",
            detail,
        )


class CecsignProvider:
    """Anchors, intermediates and acceptance rules, read from the register (a `CertificateProvider`)."""

    kind = KIND

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        self._signed: dict[Authority, bytes] = {}

    def anchors(self) -> Sequence[bytes]:
        """The CECSIGN root; none before there is one. The TSA's root is no anchor for signers."""
        return self._certificates(Authority.ROOT)

    def intermediates(self) -> Sequence[bytes]:
        """The issuing CA; none before there is one."""
        return self._certificates(Authority.ISSUING)

    def accepts(self, certificate: bytes) -> bool:
        """True for a subscriber certificate of our policy that is on the register.

        Under our issuing CA and our policy but not on the register: somebody else used the CA's key.
        """
        try:
            parsed = x509.load_der_x509_certificate(certificate)
        except ValueError:
            return False
        if not (self._is_issued_here(parsed) and self._has_our_policy(parsed)):
            return False
        with self._context.reading() as session:
            known = certificates.issued(session, f"{parsed.serial_number:x}")
        if known is None or known.der != certificate or not _is_for_signing(parsed):
            raise NotOnRegister(detail=f"{parsed.serial_number:x}")
        return True

    def revocation_hosts(self) -> frozenset[str]:
        """The one host that our certificates name, its port written out."""
        return frozenset({settings_of(self._context).revocation_host})

    def _certificates(self, authority: Authority) -> list[bytes]:
        """A CA that is yet to be made vouches for nobody, and stands in no other provider's way."""
        try:
            return [self._certificate(authority)]
        except NotInitialised:
            return []

    def _certificate(self, authority: Authority) -> bytes:
        """Remembered, for an authority's certificate stays as it was signed; one that is yet to be signed is not."""
        if authority not in self._signed:
            with self._context.reading() as session:
                self._signed[authority] = authorities.certificate_of(session, authority)
        return self._signed[authority]

    def _is_issued_here(self, certificate: x509.Certificate) -> bool:
        issuers = map(x509.load_der_x509_certificate, self.intermediates())
        return any(certificate.issuer.public_bytes() == issuer.subject.public_bytes() for issuer in issuers)

    def _has_our_policy(self, certificate: x509.Certificate) -> bool:
        try:
            policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
        except x509.ExtensionNotFound:
            return False
        return settings_of(self._context).policy_oid in {policy.policy_identifier.dotted_string for policy in policies}


def _is_for_signing(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature and usage.content_commitment and not usage.key_cert_sign
