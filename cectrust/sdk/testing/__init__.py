"""Contract tests: subclass one, give its fixtures, and pytest checks the obligations of the protocol.

Every store, notifier, timestamper and provider passes the same suite, built-in or not::

    pytest.register_assert_rewrite("cectrust.sdk.testing")  # in conftest.py, for readable failures

    class TestMyStore(BlobStoreContract):
        @pytest.fixture
        def store(self, tmp_path): return MyStore(tmp_path)

Only tests import this package; it needs pytest.
"""

from cectrust.sdk.testing.blob_stores import BlobStoreContract, blob_key, together
from cectrust.sdk.testing.notifiers import NotifierContract
from cectrust.sdk.testing.providers import CertificateProviderContract
from cectrust.sdk.testing.timestampers import TimestamperContract

__all__ = [
    "BlobStoreContract",
    "CertificateProviderContract",
    "NotifierContract",
    "TimestamperContract",
    "blob_key",
    "together",
]
