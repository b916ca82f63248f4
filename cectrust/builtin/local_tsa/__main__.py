"""``python -m cectrust.builtin.local_tsa``: run the demonstration TSA until it is ended by a signal."""

from __future__ import annotations

import datetime as dt
import signal
import sys
from pathlib import Path

import click
from asn1crypto import pem, x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cectrust.builtin.local_tsa.authority import Authority, Key
from cectrust.builtin.local_tsa.serials import Serials
from cectrust.builtin.local_tsa.server import Server

POLICY = "1.3.6.1.4.1.32473.1.2"
"""OID of the demonstration's policy, under the number for examples (RFC 5612). Some verifiers can't read the long
arcs of 2.25 (ITU-T X.667)."""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--key", type=FILE, required=True, help="Private key, PEM without a passphrase, RSA or P-256.")
@click.option("--certificate", type=FILE, required=True, help="Its certificate, PEM.")
@click.option("--chain", type=FILE, help="Certificates between it and the root, PEM.")
@click.option("--serials", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File of the counter.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), required=True, help="0 takes a free one and prints it.")
@click.option("--policy", default=POLICY, show_default=True, help="OID.")
@click.option("--accuracy", type=click.IntRange(1, 60), default=1, show_default=True, help="Seconds.")
def main(
    key: Path, certificate: Path, chain: Path | None, serials: Path, host: str, port: int, policy: str, accuracy: int
) -> None:
    """Answer RFC 3161 requests over HTTP. 認定外（試験用）: for demonstrations and tests only."""
    authority = Authority(
        key=_key(key),
        certificate=_certificates(certificate)[0],
        chain=_certificates(chain) if chain else [],
        policy=policy,
        accuracy_seconds=accuracy,
        next_serial=Serials(serials).take,
        now=lambda: dt.datetime.now(dt.UTC),
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server((host, port), authority) as server:
        click.echo(f"http://{host}:{server.server_port}/")
        server.serve_forever()


def _key(path: Path) -> Key:
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise click.BadParameter("the key must be RSA or EC")
    return key


def _certificates(path: Path) -> list[x509.Certificate]:
    return [x509.Certificate.load(der) for _, _, der in pem.unarmor(path.read_bytes(), multiple=True)]


if __name__ == "__main__":
    main()
