"""``cectrust certificate`` and ``cectrust bridge``: what binds a person's token and computer to a user ID."""

from __future__ import annotations

import json
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cectrust.authentication import second_factor
from cectrust.certificates import service as certificates
from cectrust.commands.context import the_platform
from cectrust.identity import service as identity
from cectrust.identity.service import SYSTEM
from cectrust.keys import jose
from cectrust.pades import certificate_warnings
from cectrust.sdk.errors import InputRefused
from cectrust.signing import bridges, pairing_messages
from cectrust.signing.bridge_model import ServerFacts

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def certificate() -> None:
    """Certificates that user IDs may sign with."""


@certificate.command("bind")
@click.option("--login", required=True, help="user ID")
@click.option("--certificate", "pem", required=True, type=_FILE, help="the person's certificate, PEM")
@click.option("--proof", required=True, type=_FILE, help="proof of possession, made where the token is")
def bind(login: str, pem: Path, proof: Path) -> None:
    """Bind a certificate to a user ID after proof of possession (T3)."""
    der = _certificate(pem)
    with the_platform() as platform:
        binding = certificates.bind(SYSTEM, platform, login, der, proof.read_bytes())
    _tell(binding=binding.id, kind=binding.kind, holder=binding.holder)
    for warning in certificate_warnings(der):
        click.echo(f"注意: {warning.ja}\nNote: {warning.en}", err=True)


@certificate.command("list")
@click.option("--login", required=True, help="user ID, company ID or staff")
def listing(login: str) -> None:
    """The certificates bound to an ID, one JSON object a line."""
    with the_platform() as platform, platform.reading() as work:
        for binding in certificates.bindings_of(work, identity.account_by_login(work, login).id):
            _tell(certificate_sha256=binding.certificate_sha256, kind=binding.kind, holder=binding.holder)


@certificate.command("unbind")
@click.option("--login", required=True, help="user ID, company ID or staff")
@click.option("--sha256", required=True, help="as `cectrust certificate list` prints it")
@click.option("--reason", required=True, help="for the journal, on one line")
def unbind(login: str, sha256: str, reason: str) -> None:
    """A lost token opens and signs nothing from now on; ends all sessions. Its second factor stays on."""
    with the_platform() as platform, platform.work() as work:
        removed = certificates.unbind(SYSTEM, work, login, sha256.lower(), reason)
        left = second_factor.shown(identity.account(work, removed.account_id).actor, work, frozenset())
    _tell(holder=removed.holder, second_factor="on" if left.on else "off", recovery_codes_left=left.codes_left)


@click.group()
def bridge() -> None:
    """Signing bridges on people's computers."""


@bridge.command("register")
@click.option("--login", required=True, help="user ID")
@click.option("--identity", required=True, type=_FILE, help="what `cectrust-bridge identity` printed")
def register(login: str, identity: Path) -> None:
    """Let a bridge speak for this user ID's computer."""
    bridge_id, jwk = _identity(identity)
    with the_platform() as platform, platform.work() as work:
        bridges.register(SYSTEM, work, login, bridge_id, jwk)
    click.echo(bridge_id)


@bridge.command("pairing")
@click.option("--name", required=True, help="the server's name as the bridge shows it")
@click.option("--user-hint", default="", help="whose bridge it is; without it, a file for an administrator's folder")
def pairing(name: str, user_hint: str) -> None:
    """Print the pairing file that makes a bridge trust this server (bridge/PROTOCOL.md, 3.1 and 3.5)."""
    with the_platform() as platform:
        keys, origin = platform.keys.public_keys(), platform.settings.server.base_url
    file = pairing_messages.description(ServerFacts(keys.issuer, name, (origin,), keys.identity_key))
    if user_hint:
        file["user_hint"] = user_hint
    click.echo(json.dumps(file, ensure_ascii=False, indent=1))


def _certificate(pem: Path) -> bytes:
    try:
        return x509.load_pem_x509_certificate(pem.read_bytes()).public_bytes(Encoding.DER)
    except ValueError as error:
        raise InputRefused("not_pem", f"{pem} は PEM 形式の証明書ではありません。", f"{pem} is no PEM.") from error


def _identity(path: Path) -> tuple[str, dict[str, str]]:
    try:
        told = json.loads(path.read_text())
        jose.public_key(told["jwk"])
        if jose.thumbprint(told["jwk"]) != told["bridge_id"]:
            raise ValueError("bridge_id is not the key's thumbprint")
    except (ValueError, KeyError, TypeError) as error:
        raise InputRefused(
            "identity_malformed",
            f"{path} は署名ブリッジの識別情報ではありません。",
            f"{path} is not what `cectrust-bridge identity` prints.",
            str(error),
        ) from error
    return told["bridge_id"], told["jwk"]


def _tell(**facts: str | int) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False))
