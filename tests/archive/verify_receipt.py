"""Verify a CECTRUST receipt with Python's standard library and `openssl` alone.

    python3 verify_receipt.py receipt.json --log-key VKEY --tsa-root root.pem [--file contract.pdf]...

The log's key and the TSA's root must come from elsewhere than the receipt (published fingerprints).
Exit code 0: the entry is in the log, the log's head was signed and timestamped. Standards: RFC 8785,
RFC 9162 section 2.1.3, C2SP signed-note and tlog-checkpoint, RFC 3161.
"""

import argparse
import base64
import calendar
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import strptime

ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo, RFC 8410
KEYS = {"v", "entry", "index", "tree_size", "proof", "checkpoint", "timestamp", "log_key", "assurance", "digest"}
ENTRY_KEYS = {"v", "event", "ledger", "number", "time", "salt", "files", "signatures", "journal"}


def need(condition: object, why: str) -> None:
    if not condition:
        sys.exit(f"REFUSED: {why}")


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def unbase64(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text, "base64 is not canonical")
    return raw


def openssl(*arguments: str) -> str:
    done = subprocess.run(["/usr/bin/openssl", *arguments], capture_output=True, text=True, check=False)
    need(done.returncode == 0, f"openssl {arguments[0]}: {done.stderr.strip()[-200:]}")
    return done.stdout


def included_root(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    need(0 <= index < size, "the index is outside the tree")
    place, last, node = index, size - 1, leaf
    for sibling in proof:
        need(last > 0 and len(sibling) == 32, "the proof is too long or malformed")
        if place & 1 or place == last:
            node = sha256(b"\x01", sibling, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = sha256(b"\x01", node, sibling)
        place, last = place >> 1, last >> 1
    need(last == 0, "the proof is too short")
    return node


def check_checkpoint(note: str, vkey: str, folder: Path) -> tuple[int, bytes]:
    name, key_id, key = vkey.split("+", 2)
    text, blank, line = note.rpartition("\n\n")
    raw_key, (dash, signer, blob) = unbase64(key), line.removesuffix("\n").split(" ")
    need(blank and line.count("\n") == 1 and (dash, signer) == ("—", name), "the note is malformed")
    origin, size, root = text.split("\n")
    need(origin == name and str(int(size)) == size, "the checkpoint is malformed")
    need(sha256(name.encode(), b"\n", raw_key)[:4].hex() == key_id, "the key id is wrong")
    need(raw_key[:1] == b"\x01" and unbase64(blob)[:4].hex() == key_id, "another key signed")
    (folder / "key.der").write_bytes(ED25519_PREFIX + raw_key[1:])
    (folder / "signature").write_bytes(unbase64(blob)[4:])
    (folder / "text").write_bytes(text.encode() + b"\n")
    key_file = ["-pubin", "-keyform", "DER", "-inkey", f"{folder}/key.der", "-sigfile", f"{folder}/signature"]
    openssl("pkeyutl", "-verify", "-rawin", "-in", f"{folder}/text", *key_file)
    return int(size), unbase64(root)


def check_timestamp(token: bytes, data: bytes, root: str, folder: Path) -> str:
    (folder / "token").write_bytes(token)
    (folder / "data").write_bytes(data)
    stated = openssl("ts", "-reply", "-token_in", "-in", f"{folder}/token", "-token_out", "-text")
    when = re.search(r"^Time stamp: (\w+ +\d+ [\d:]+)(?:\.\d+)?( \d+ GMT)$", stated, re.MULTILINE)
    need(when, "the timestamp states no time")
    time = when[1] + when[2]
    moment = str(calendar.timegm(strptime(time, "%b %d %H:%M:%S %Y GMT")))  # the TSA may have expired since
    given = ["-token_in", "-in", f"{folder}/token", "-CAfile", root, "-attime", moment]
    openssl("ts", "-verify", "-data", f"{folder}/data", *given)
    return time


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("receipt", type=Path)
    parser.add_argument("--log-key", required=True)
    parser.add_argument("--tsa-root", required=True)
    parser.add_argument("--file", type=Path, action="append", default=[])
    given = parser.parse_args()
    raw = given.receipt.read_bytes()
    receipt = json.loads(raw)
    need(canonical(receipt) == raw and receipt.keys() == KEYS, "not canonical, or unknown keys")
    entry, digest = receipt["entry"], receipt.pop("digest")
    need(entry.keys() == ENTRY_KEYS and receipt["v"] == entry["v"] == 1, "unknown keys or version")
    need(sha256(canonical(receipt)).hex() == digest, "the digest does not match")
    need(receipt["assurance"] == "operator_only", "a claim of accreditation can't be confirmed here")
    need(receipt["log_key"] == given.log_key, "the receipt is of another log")
    with tempfile.TemporaryDirectory() as name:
        size, root = check_checkpoint(receipt["checkpoint"], given.log_key, Path(name))
        time = check_timestamp(
            unbase64(receipt["timestamp"]), receipt["checkpoint"].encode(), given.tsa_root, Path(name)
        )
    leaf = sha256(b"\x00", sha256(b"cectrust-entry-v1\x00", canonical(entry)))
    proof = [unbase64(node) for node in receipt["proof"]]
    need(size == receipt["tree_size"], "the tree size is not the checkpoint's")
    need(included_root(leaf, receipt["index"], size, proof) == root, "the entry is not in the log")
    for path in given.file:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        need(digest in [file["sha256"] for file in entry["files"]], f"{path} is not the original")
    print(f"OK: {entry['event']} {entry['number']}, leaf {receipt['index']} of {size}, timestamped {time}")


if __name__ == "__main__":
    main()
