"""One round of the sequencer as a process of its own, so that a test can have it killed at a failpoint.

Arguments: database URL, blob directory, directory of the time-stamping authority.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cectrust import faults
from cectrust.archive.sequencer import Sequencer
from cectrust.blobs.service import Blobs
from cectrust.builtin.file_store import FileStore
from cectrust.clock import SystemClock
from cectrust.database import open_database
from cectrust.tlog import LocalNoteSigner
from tests.archive.conftest import LOG_KEY, ORIGIN
from tests.support.tsa import OpensslTimestamper


def main(url: str, blobs: str, authority: str) -> None:
    faults.arm(test_mode=True)
    signer = LocalNoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(LOG_KEY))
    timestamper = OpensslTimestamper(Path(authority))
    store = Blobs(FileStore(Path(blobs)))
    Sequencer(open_database(url), SystemClock(), store, signer, timestamper, ORIGIN).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
