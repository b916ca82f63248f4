"""From an entry in somebody's transaction to a published, timestamped head and a receipt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import update

from cectrust.archive import service, store
from cectrust.archive.model import Assurance, Event, KeptFile, RequiredSignature, Sealing
from cectrust.archive.receipt import ReceiptTrust, verify_receipt
from cectrust.archive.sequencer import CHECKPOINT_NAME, Sequencer, published_size
from cectrust.archive.tables import leaves
from cectrust.blobs.service import Blobs
from cectrust.builtin.file_store import FileStore
from cectrust.database import Database
from cectrust.journal.service import DatabaseJournal
from cectrust.pades.tokens import TokenRefused, TokenVerifier
from cectrust.sdk.errors import Conflict, IntegrityBroken, NotFound, Unavailable
from cectrust.sdk.protocols import Act, Actor, ActorKind, BlobArea
from cectrust.tlog import LocalNoteSigner, open_checkpoint, parse_checkpoint, parse_note, verify_consistency
from tests.archive.conftest import ORIGIN, der_of
from tests.conftest import ChosenClock
from tests.support.blobs import kept
from tests.support.tsa import OpensslTimestamper

SENDER = "0190000000007000800000000000c0a1"
SOMEBODY = Actor(ActorKind.USER, "u1", SENDER, name="髙﨑 𠮷乃")


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(FileStore(tmp_path / "blobs"))


@pytest.fixture
def sequencer(
    database: Database,
    clock: ChosenClock,
    blobs: Blobs,
    log_signer: LocalNoteSigner,
    timestamper: OpensslTimestamper,
) -> Sequencer:
    return Sequencer(database, clock, blobs, log_signer, timestamper, ORIGIN)


def sealing(blobs: Blobs, number: str, event: Event = Event.CONCLUDED, data: bytes = b"") -> Sealing:
    blob = kept(blobs, BlobArea.ORIGINALS, SENDER, data or number.encode())
    signatures = (RequiredSignature("Party1", "髙﨑 𠮷乃"),) if event is Event.CONCLUDED else ()
    file = KeptFile(blob.key, blob.size, "application/pdf")
    return Sealing(event, service.CONTRACTS, number, (file,), signatures)


def seal(sequencer: Sequencer, *numbers: str) -> None:
    """Seal contracts that all have the same bytes, in one transaction: what is tested here is the log."""
    original = sealing(sequencer.blobs, "", data=b"%PDF-1.7 the same contract text")
    with sequencer.database.transaction() as session:
        for number in numbers:
            service.seal(session, sequencer.clock, SENDER, replace(original, number=number))


def receipt(sequencer: Sequencer, signer: LocalNoteSigner, number: str) -> bytes:
    with sequencer.database.reading() as session:
        return service.receipt_for(session, signer.verifier, service.CONTRACTS, number).encode()


def test_a_sealed_contract_gets_a_receipt_that_verifies(
    sequencer: Sequencer, log_signer: LocalNoteSigner, trust: ReceiptTrust
) -> None:
    seal(sequencer, "C-1", "C-2", "C-3")
    assert sequencer.run() == 3
    for number in ("C-1", "C-2", "C-3"):
        verified = verify_receipt(receipt(sequencer, log_signer, number), trust)
        assert verified.receipt.entry.number == number
        assert verified.checkpoint.size == 3


def test_a_receipt_stays_the_same_while_the_log_grows(sequencer: Sequencer, log_signer: LocalNoteSigner) -> None:
    seal(sequencer, "C-1")
    sequencer.run()
    first = receipt(sequencer, log_signer, "C-1")
    seal(sequencer, *(f"D-{n}" for n in range(300)))
    sequencer.run()
    assert receipt(sequencer, log_signer, "C-1") == first


def test_before_its_checkpoint_a_receipt_is_pending_and_unknown_numbers_have_none(
    sequencer: Sequencer, log_signer: LocalNoteSigner
) -> None:
    seal(sequencer, "C-1")
    with pytest.raises(Conflict, match="receipt_pending"):
        receipt(sequencer, log_signer, "C-1")
    with pytest.raises(NotFound):
        receipt(sequencer, log_signer, "C-2")


def test_an_entry_is_gone_with_the_transaction_that_fails(sequencer: Sequencer) -> None:
    what = sealing(sequencer.blobs, "C-1")
    with pytest.raises(RuntimeError), sequencer.database.transaction() as session:
        service.seal(session, sequencer.clock, SENDER, what)
        raise RuntimeError
    assert sequencer.run() == 0


def test_sealing_the_same_event_again_is_the_same_entry(sequencer: Sequencer) -> None:
    what = sealing(sequencer.blobs, "C-1")
    made = []
    for _ in range(2):
        with sequencer.database.transaction() as session:
            made.append(service.seal(session, sequencer.clock, SENDER, what))
    assert made[0] == made[1]
    assert sequencer.run() == 1


def test_a_contract_is_concluded_once_but_signed_many_times(sequencer: Sequencer) -> None:
    with sequencer.database.transaction() as session:
        for data in (b"one signature", b"two signatures"):
            what = sealing(sequencer.blobs, "C-1", Event.SIGNED, data)
            service.seal(session, sequencer.clock, SENDER, what)
        service.seal(session, sequencer.clock, SENDER, sealing(sequencer.blobs, "C-1"))
        with pytest.raises(Conflict, match="already_sealed"):
            other = sealing(sequencer.blobs, "C-1", data=b"another end")
            service.seal(session, sequencer.clock, SENDER, other)
    assert sequencer.run() == 3


def test_working_files_are_not_sealed(sequencer: Sequencer) -> None:
    blob = kept(sequencer.blobs, BlobArea.WORKING, SENDER, b"draft")
    what = Sealing(Event.STORED, "own", "1", (KeptFile(blob.key, blob.size, "application/pdf"),))
    with sequencer.database.transaction() as session, pytest.raises(ValueError, match="originals"):
        service.seal(session, sequencer.clock, SENDER, what)


def test_the_journals_head_is_in_every_checkpoint(sequencer: Sequencer) -> None:
    record_act(sequencer)
    seal(sequencer, "C-1")
    assert sequencer.run() == 2
    with sequencer.database.reading() as session:
        last = list(store.walk_leaves(session))[-1].entry.entry
    assert last.event is Event.JOURNAL
    assert last.journal is not None
    assert last.journal.position == 0


def record_act(sequencer: Sequencer) -> None:
    with sequencer.database.transaction() as session:
        DatabaseJournal(sequencer.clock).record(session, SOMEBODY, Act("contract.sent", "c1"))


def test_an_idle_round_adds_nothing(sequencer: Sequencer) -> None:
    record_act(sequencer)
    seal(sequencer, "C-1")
    assert sequencer.run() == sequencer.run() == 2
    with sequencer.database.reading() as session:
        assert len(list(store.walk_checkpoints(session))) == 1


def test_every_head_extends_the_one_before(sequencer: Sequencer, log_signer: LocalNoteSigner) -> None:
    for n in range(4):
        seal(sequencer, *(f"C-{n}-{m}" for m in range(n * 50 + 1)))
        sequencer.run()
    with sequencer.database.reading() as session:
        heads = [open_checkpoint(h.note, [log_signer.verifier]) for h in store.walk_checkpoints(session)]
        for old, new in pairwise(heads):
            proof = service.consistency(session, old.size, new.size)
            verify_consistency(old.size, old.root, new.size, new.root, proof)
    assert [head.size for head in heads] == [1, 52, 153, 304]


def test_the_log_is_published_with_the_checkpoint_last(sequencer: Sequencer) -> None:
    seal(sequencer, *(f"C-{n}" for n in range(257)))
    sequencer.run()
    note = sequencer.blobs.published(CHECKPOINT_NAME).decode()
    assert parse_checkpoint(parse_note(note).text).size == 257
    assert len(sequencer.blobs.published("log/tile/0/000")) == 256 * 32
    assert len(sequencer.blobs.published("log/tile/0/001.p/1")) == 32
    assert len(sequencer.blobs.published("log/tile/1/000.p/1")) == 32
    assert len(sequencer.blobs.published("log/tile/entries/000")) == 256 * 34


class RefusingTimestamper:
    """An authority that can't be reached."""

    name = "unreachable"
    accredited = False

    def timestamp(self, digest: bytes, algorithm: str = "sha256") -> bytes:  # noqa: ARG002 - the protocol's
        raise Unavailable("tsa_unavailable", "応答がありません。", "No answer.")


def test_while_the_authority_is_silent_leaves_wait_and_nothing_is_lost(
    sequencer: Sequencer, log_signer: LocalNoteSigner, trust: ReceiptTrust
) -> None:
    silent = replace(sequencer, timestamper=RefusingTimestamper())
    seal(sequencer, "C-1")
    with pytest.raises(Unavailable):
        silent.run()
    seal(sequencer, "C-2")
    assert sequencer.run() == 2
    assert verify_receipt(receipt(sequencer, log_signer, "C-1"), trust)


def test_a_token_that_outsiders_could_not_verify_never_enters_a_head(sequencer: Sequencer, trust: ReceiptTrust) -> None:
    seal(sequencer, "C-1")
    with pytest.raises(TokenRefused):
        replace(sequencer, verify_timestamp=TokenVerifier([])).run()
    with sequencer.database.reading() as session:
        assert store.last_checkpoint(session) is None
    assert replace(sequencer, verify_timestamp=trust.verify_timestamp).run() == 1


@pytest.mark.parametrize(("claimed", "listed"), [(True, False), (False, True), (True, True)])
def test_T13_a_head_is_called_accredited_only_if_the_tokens_certificate_is_on_the_list(
    sequencer: Sequencer, timestamper: OpensslTimestamper, claimed: bool, listed: bool
) -> None:
    certificate = sha256(der_of(timestamper.directory / "tsa.pem")).hexdigest()
    accredited = frozenset({certificate}) if listed else frozenset()
    authority = replace(timestamper, accredited=claimed)
    seal(sequencer, "C-1")
    replace(sequencer, timestamper=authority, accredited=accredited).run()
    with sequencer.database.reading() as session:
        head = store.last_checkpoint(session)
    assert head is not None
    assert (head.assurance is Assurance.ACCREDITED_TIMESTAMP) == (claimed and listed)


def test_a_crash_before_publishing_is_mended_by_the_next_round(sequencer: Sequencer, tmp_path: Path) -> None:
    seal(sequencer, "C-1")
    sequencer.run()
    emptied = replace(sequencer, blobs=Blobs(FileStore(tmp_path / "restored")))
    assert published_size(emptied.blobs) == 0
    emptied.run()
    assert published_size(emptied.blobs) == 1


def test_sequencers_at_once_give_each_entry_one_leaf(sequencer: Sequencer) -> None:
    seal(sequencer, *(f"C-{n}" for n in range(40)))
    together(4, sequencer.run)
    with sequencer.database.reading() as session:
        found = list(store.walk_leaves(session))
        assert [leaf.index for leaf in found] == list(range(40))
        assert len({leaf.entry.id for leaf in found}) == 40
        assert [head.size for head in store.walk_checkpoints(session)] == [40]


def together(count: int, act: Callable[[], object]) -> None:
    barrier, failures = threading.Barrier(count), []

    def run() -> None:
        barrier.wait()
        try:
            act()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_log_that_was_rewritten_hands_out_no_receipt(sequencer: Sequencer, log_signer: LocalNoteSigner) -> None:
    seal(sequencer, "C-1", "C-2")
    sequencer.run()
    with sequencer.database.transaction() as session:
        session.execute(update(leaves).values(leaf_data="0" * 64))
    with pytest.raises(IntegrityBroken, match="log_broken"):
        receipt(sequencer, log_signer, "C-2")
