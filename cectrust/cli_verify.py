"""`cectrust verify`: judge PDF files without a server, database or network."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cectrust.archive.receipt import JudgedReceipt, Receipt, judge_receipt
from cectrust.pades.model import ConcludedFacts, ConcludedSigner, Reason, TrustStore, ValidationReport, Verdict
from cectrust.pades.parsers import WARM_MODULES, IsolatedParsers
from cectrust.pades.tokens import TokenVerifier
from cectrust.pades.validation import not_judged
from cectrust.pades.verify import report_as_json
from cectrust.parsing import ParserPool
from cectrust.sdk.errors import CectrustError
from cectrust.tlog import parse_vkey

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
UNLIMITED = 1 << 40
"""Bytes; whoever runs the command chose the file, so only memory and time are limited."""
_HEADLINES = {
    Verdict.TOTAL_PASSED: "有効 (TOTAL_PASSED)",
    Verdict.TOTAL_FAILED: "無効 (TOTAL_FAILED)",
    Verdict.INDETERMINATE: "判定できません (INDETERMINATE)",
}


@click.command("verify")
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option("--trust", "trust_files", multiple=True, type=_FILE, metavar="PEM", help="Trusted root certificates.")
@click.option("--receipt", "receipt_file", type=_FILE, metavar="JSON", help="Receipt of the concluded contract.")
@click.option("--log-key", "log_keys", multiple=True, metavar="VKEY", help="Published key of the log of originals.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def verify_command(
    files: Sequence[Path],
    trust_files: Sequence[Path],
    receipt_file: Path | None,
    log_keys: Sequence[str],
    as_json: bool,
) -> None:
    """Judge the signatures of PDF files.

    Exit status: 0 if all passed, 1 if any failed, 2 otherwise, also if one could not be judged. Without --trust
    nothing passes: trust never comes from the file itself.
    """
    trust = _trust(trust_files)
    receipt = None if receipt_file is None else _receipt(receipt_file, log_keys, trust)
    parsers = IsolatedParsers(ParserPool(WARM_MODULES), UNLIMITED)
    try:
        verdicts = [_verify(parsers, file, trust, receipt, as_json) for file in files]
    finally:
        parsers.close()
    sys.exit(exit_status(verdicts))


def exit_status(verdicts: Iterable[Verdict]) -> int:
    """0 if all passed, 1 if any failed, 2 otherwise."""
    found = set(verdicts)
    if Verdict.TOTAL_FAILED in found:
        return 1
    return 0 if found == {Verdict.TOTAL_PASSED} else 2


def _verify(
    parsers: IsolatedParsers, file: Path, trust: TrustStore, judged: JudgedReceipt | None, as_json: bool
) -> Verdict:
    facts = None if judged is None else _facts(judged.receipt, file)
    report = _report(parsers, file, trust, facts)
    if as_json:
        standing = {} if judged is None else {"receipt": judged.standing.value}
        click.echo(json.dumps({**report_as_json(str(file), report), **standing}, ensure_ascii=False))
    else:
        click.echo(_text(file, report) + ("" if judged is None else f"\n  {judged.standing.ja}"))
    return report.verdict


def _report(parsers: IsolatedParsers, file: Path, trust: TrustStore, facts: ConcludedFacts | None) -> ValidationReport:
    """A parser that can't even start has judged nothing, which is not the same as a forged file."""
    try:
        return parsers.validate(file, trust, facts)
    except CectrustError as error:
        return not_judged(file, Reason(error.code, error.ja, error.en))


def _text(file: Path, report: ValidationReport) -> str:
    lines = [f"{file}: {_HEADLINES[report.verdict]}"]
    lines += [f"  {reason.ja}\n  {reason.en}" for reason in report.reasons]
    for signature in report.signatures:
        when = signature.time.astimezone().strftime("%Y-%m-%d %H:%M:%S %z") if signature.time else "-"
        proof = "証明された時刻 proven" if signature.time_proven else "署名者の申告 claimed"
        lines.append(f"  - {signature.field}: {signature.signer}, {signature.level}, {when} ({proof})")
        lines += [f"    注意: {warning.ja}\n    Note: {warning.en}" for warning in signature.warnings]
    return "\n".join(lines)


def _trust(files: Sequence[Path]) -> TrustStore:
    """The command can't know which root vouches for people and which for time, so each may do both."""
    anchors: list[bytes] = []
    for file in files:
        try:
            found = x509.load_pem_x509_certificates(file.read_bytes())
        except ValueError as error:
            raise click.BadParameter(f"{file}: PEM形式の証明書ではありません (not PEM certificates)") from error
        anchors += [certificate.public_bytes(Encoding.DER) for certificate in found]
    return TrustStore(tuple(anchors), (), tuple(anchors))


def _receipt(file: Path, log_keys: Sequence[str], trust: TrustStore) -> JudgedReceipt:
    """Proof and signature of the log must hold; what nobody gave trust for is said, not guessed."""
    verify_timestamp = TokenVerifier(trust.tsa_anchors, trust.intermediates)
    try:
        return judge_receipt(file.read_bytes(), [parse_vkey(key) for key in log_keys], verify_timestamp)
    except CectrustError as error:
        raise click.BadParameter(f"{file}: {error.ja} ({error.en})") from error


def _facts(receipt: Receipt, file: Path) -> ConcludedFacts:
    """The receipt's original that this file could be: the one it begins with, else the first PDF."""
    signers = tuple(ConcludedSigner(one.field, one.name) for one in receipt.entry.signatures)
    originals = [one for one in receipt.entry.files if one.media_type == "application/pdf"]
    if not originals:
        raise click.BadParameter("原本性証明書にPDFの記録がありません (the receipt names no PDF)")
    chosen = next((one for one in originals if _begins(file, one.size) == one.sha256), originals[0])
    return ConcludedFacts(chosen.sha256, chosen.size, signers)


def _begins(file: Path, size: int) -> str:
    with file.open("rb") as stream:
        hasher = hashlib.sha256()
        while size and (chunk := stream.read(min(size, 1 << 20))):
            hasher.update(chunk)
            size -= len(chunk)
    return hasher.hexdigest()
