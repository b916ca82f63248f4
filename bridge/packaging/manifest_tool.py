"""Makes the publisher's key and signs update manifests. Runs on the offline computer that holds the key.

    manifest_tool.py make-key --private update-key.pem --public update-key.json
    manifest_tool.py sign --key update-key.pem --version 1.2.0 --minimum 1.1.0 --days 30 \
        --file linux-amd64=cectrust-bridge_1.2.0_amd64.deb --out manifest.jws
    manifest_tool.py verify --key update-key.json --manifest manifest.jws
    manifest_tool.py show-key update-key.json

The passphrase of the private key is asked for, or read from standard input with `--passphrase-stdin`.
"""

from __future__ import annotations

import argparse
import getpass
import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.insert(0, str(Path(__file__).parents[1]))

from cectrust_bridge.formats import jose, strictjson
from cectrust_bridge.updates import manifest
from cectrust_bridge.updates.errors import UpdateError
from cectrust_bridge.updates.key import read_key

MIN_PASSPHRASE = 12
DAY = 86400


class ToolRefused(Exception):
    """What is wrong with the command."""


def make_key(options: argparse.Namespace) -> None:
    """A new key pair; an existing file is never replaced."""
    passphrase = _passphrase(options, twice=True)
    if len(passphrase) < MIN_PASSPHRASE:
        raise ToolRefused(f"a passphrase has at least {MIN_PASSPHRASE} characters")
    key = ec.generate_private_key(ec.SECP256R1())
    encryption = serialization.BestAvailableEncryption(passphrase.encode())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    with open(os.open(options.private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    options.public.write_text(json.dumps(jose.jwk_of(key.public_key())) + "\n")
    _say(jose.thumbprint(key.public_key()))


def sign(options: argparse.Namespace) -> None:
    """A manifest over the named files. It is verified before it is written, as a bridge would."""
    key = _private_key(options.key, _passphrase(options, twice=False))
    created = int(time.time())
    claims = {
        "v": 1,
        "product": manifest.PRODUCT,
        "version": options.version,
        "minimum": options.minimum,
        "created": created,
        "expires": created + options.days * DAY,
        "files": [_entry(named) for named in options.file],
    }
    compact = signed(claims, key)
    manifest.verify(compact, key.public_key())
    options.out.write_text(compact + "\n")
    _say(json.dumps(claims, indent=1))


def signed(claims: Mapping[str, Any], key: jose.PrivateKey) -> str:
    """The compact JWS (RFC 7515) over `claims`."""
    header = {"alg": "ES256", "kid": jose.thumbprint(key.public_key()), "typ": manifest.TYP}
    signing_input = ".".join(jose.b64url(strictjson.canonical(part)) for part in (header, claims))
    return f"{signing_input}.{jose.sign(key, signing_input.encode())}"


def verify(options: argparse.Namespace) -> None:
    """Print what a manifest says, if its signature and form hold. Its age is not looked at."""
    found = manifest.verify(options.manifest.read_text().strip(), read_key(options.key))
    _say(f"{found.version} (minimum {found.minimum}), {time.strftime('%F', time.gmtime(found.expires))}")
    for file in found.files:
        _say(f"{file.platform} {file.name} {file.size} {file.sha256}")


def show_key(options: argparse.Namespace) -> None:
    """The RFC 7638 thumbprint of a public key."""
    _say(jose.thumbprint(read_key(options.public)))


def _entry(named: str) -> dict[str, Any]:
    platform, equals, path = named.partition("=")
    if not equals:
        raise ToolRefused("--file PLATFORM=PATH")
    octets = Path(path).read_bytes()
    digest = hashlib.sha256(octets).hexdigest()
    return {"name": Path(path).name, "platform": platform, "size": len(octets), "sha256": digest}


def _private_key(path: Path, passphrase: str) -> jose.PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode())
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ToolRefused("not a P-256 key")
    return key


def _passphrase(options: argparse.Namespace, *, twice: bool) -> str:
    if options.passphrase_stdin:
        return sys.stdin.readline().rstrip("\n")
    passphrase = getpass.getpass("passphrase: ")
    if twice and getpass.getpass("again: ") != passphrase:
        raise ToolRefused("the two differ")
    return passphrase


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    verb = {act: verbs.add_parser(act.__name__.replace("_", "-")) for act in (make_key, sign, verify, show_key)}
    for act, named in verb.items():
        named.set_defaults(act=act)
    for name in ("--private", "--public"):
        verb[make_key].add_argument(name, type=Path, required=True)
    for name in ("--version", "--minimum"):
        verb[sign].add_argument(name, required=True)
    verb[sign].add_argument("--days", type=int, default=30)
    verb[sign].add_argument("--file", action="append", required=True, metavar="PLATFORM=PATH")
    verb[sign].add_argument("--out", type=Path, required=True)
    verb[verify].add_argument("--manifest", type=Path, required=True)
    verb[show_key].add_argument("public", type=Path)
    for act in (sign, verify):
        verb[act].add_argument("--key", type=Path, required=True)
    for act in (make_key, sign):
        verb[act].add_argument("--passphrase-stdin", action="store_true")
    return parser


def main() -> None:
    """Entry point."""
    options = _parser().parse_args()
    try:
        options.act(options)
    except (ToolRefused, UpdateError, OSError, ValueError) as error:
        sys.exit(f"{options.act.__name__.replace('_', '-')}: {error}")


if __name__ == "__main__":
    main()
