"""Measured in a process of its own, for its peak memory: `python -m tests.benchmarks.signing_ours FOLDER RUNS`.

FOLDER holds fields.pdf and gets the rest; prints one JSON object with milliseconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from cectrust import pades
from cectrust.pades.fetching import FetchedRevocation
from cectrust.pades.isolated import LIMITS, MODULES, compared, judge_fetched
from cectrust.parsing import ParserPool
from tests.benchmarks.row import peak_so_far
from tests.support.contracts import seal_image
from tests.support.pki import Pki, build_pki, now, sign_raw


def timed(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return (time.perf_counter() - start) * 1000


def sign(folder: Path, pki: Pki, source: Path, field: str, name: str) -> tuple[float, float]:
    signer, prepared_file, target = pki.signer(pki.hanako), folder / "prepared.pdf", folder / name
    start = time.perf_counter()
    prepared = pades.prepare(source, prepared_file, field, signer, seal_image_once, now())
    middle = time.perf_counter()
    signature = sign_raw(pki.hanako, prepared.signed_attributes)
    embedding = timed(lambda: pades.embed(prepared_file, target, prepared, signer, signature, None))
    return (middle - start) * 1000, embedding


def main(folder: Path, runs: int) -> dict[str, float]:
    pki = build_pki()
    times = [sign(folder, pki, folder / "fields.pdf", "Sender", "first.pdf") for _ in range(runs)]
    sign(folder, pki, folder / "first.pdf", "Recipient", "second.pdf")
    signing_memory = peak_so_far()
    crls = tuple((one.der, tuple(pki.crls(one.der))) for one in (pki.hanako, pki.issuing))
    fetched = FetchedRevocation(((pki.hanako.der, pki.ocsp(pki.hanako.der, b"") or b""),), crls)
    second = folder / "second.pdf"
    assert pades.validate(second, pki.trust, fetched).verdict == "TOTAL_PASSED"
    validating_memory = peak_so_far()
    pool = ParserPool(MODULES)
    pool.warm_up()

    def validate() -> None:
        compared(pool, second, pool.run(judge_fetched, LIMITS, second, pki.trust, fetched, None, None))

    validating = [timed(validate) for _ in range(runs)]
    pool.close()
    return {
        "prepare": median(one for one, _ in times),
        "embed": median(other for _, other in times),
        "validate": median(validating),
        "signing_memory": signing_memory,
        "validating_memory": validating_memory,
    }


if __name__ == "__main__":
    seal_image_once = seal_image()
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
