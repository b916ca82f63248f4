"""Bytes behind a store that is not trusted: everything read is compared with its digest."""

from cectrust.blobs.service import Blobs, StoredBlob

__all__ = ["Blobs", "StoredBlob"]
