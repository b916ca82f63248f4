"""The one way out: every HTTP request to a TSA, an OCSP responder or a CRL address goes through here."""

from cectrust.outbound.address import authority
from cectrust.outbound.client import HttpClient
from cectrust.outbound.revocation import RevocationFetcher

__all__ = ["HttpClient", "RevocationFetcher", "authority"]
