"""What every certificate provider must do."""
# ruff: noqa: S101 - these are tests, shipped so that plugins can run them

from __future__ import annotations

import contextlib
import re

import pytest
from asn1crypto import x509

from cectrust.sdk.errors import InputRefused
from cectrust.sdk.protocols import CertificateProvider


class CertificateProviderContract:
    """Obligations of ``CertificateProvider``. Fixtures: ``provider``; ``own``, ``foreign``: DER certificates."""

    @pytest.fixture
    def provider(self) -> CertificateProvider:
        raise NotImplementedError("give a fixture `provider`")

    @pytest.fixture
    def own(self) -> bytes:
        raise NotImplementedError("give a fixture `own`: a holder's certificate of this kind")

    @pytest.fixture
    def foreign(self) -> bytes:
        raise NotImplementedError("give a fixture `foreign`: a holder's certificate of another CA")

    def test_it_is_a_certificate_provider(self, provider: CertificateProvider) -> None:
        assert isinstance(provider, CertificateProvider)

    def test_its_kind_has_a_code_and_labels_in_both_languages(self, provider: CertificateProvider) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,31}", provider.kind.code)
        assert provider.kind.label_ja
        assert provider.kind.label_en

    def test_its_anchors_are_self_signed_cas(self, provider: CertificateProvider) -> None:
        anchors = [x509.Certificate.load(der, strict=True) for der in provider.anchors()]
        assert anchors
        assert all(anchor.ca and anchor.self_signed in ("yes", "maybe") for anchor in anchors)

    def test_its_intermediates_are_cas_below_its_anchors(self, provider: CertificateProvider) -> None:
        chain = [x509.Certificate.load(der, strict=True) for der in (*provider.anchors(), *provider.intermediates())]
        assert all(ca.ca and ca.issuer in [other.subject for other in chain] for ca in chain)

    def test_it_accepts_its_own(self, provider: CertificateProvider, own: bytes) -> None:
        assert provider.accepts(own) is True

    def test_another_cas_certificate_is_not_its_own(self, provider: CertificateProvider, foreign: bytes) -> None:
        assert provider.accepts(foreign) is False

    @pytest.mark.parametrize("garbage", [b"", b"\x30\x80", b"\x30\x03\x02\x01\x01", b"-----BEGIN CERTIFICATE-----"])
    def test_garbage_is_not_accepted(self, provider: CertificateProvider, garbage: bytes) -> None:
        with contextlib.suppress(InputRefused):
            assert provider.accepts(garbage) is False

    def test_revocation_hosts_are_pairs_of_host_and_port(self, provider: CertificateProvider) -> None:
        assert all(re.fullmatch(r"[a-z0-9.\[\]:-]+:[0-9]{1,5}", host) for host in provider.revocation_hosts())
