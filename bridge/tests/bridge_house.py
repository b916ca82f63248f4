"""A real bridge process and a real SoftHSM2 token with an RSA-2048 and a P-256 certificate, for the fixtures."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from driver import ORIGIN, Page, Server
from running import BRIDGE, RunningBridge

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "83610472"
KEYS: dict[str, Any] = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
}


def certificate_of(key: Any, name: str) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(1))
    builder = builder.not_valid_after(now + datetime.timedelta(365))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


class SoftToken:
    """SoftHSM2 in a folder of its own."""

    def __init__(self, folder: Path, label: str = "山田太郎のトークン") -> None:
        self.folder, self.label = folder, label
        (folder / "tokens").mkdir(parents=True)
        configuration = folder / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
        self.environment = {**os.environ, "SOFTHSM2_CONF": str(configuration)}
        self.certificates: dict[str, bytes] = {}

    def copy(self, folder: Path) -> SoftToken:
        """The same token in another folder."""
        other = SoftToken(folder, self.label)
        shutil.copytree(self.folder / "tokens", folder / "tokens", dirs_exist_ok=True)
        other.certificates = self.certificates
        return other

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self.environment, check=True, capture_output=True)

    def initialise(self, label: str) -> None:
        self._run("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "87654321")

    def add(self, name: str, number: int) -> None:
        """A key and its certificate with CKA_ID `number`."""
        key = KEYS[name]()
        pem, der = self.folder / f"{name}.pem", self.folder / f"{name}.der"
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.certificates[name] = certificate_of(key, f"山田 太郎 {name}")
        der.write_bytes(self.certificates[name])
        key_id = f"{number:02x}"
        self._run(
            "softhsm2-util",
            "--import",
            str(pem),
            "--token",
            self.label,
            "--label",
            name,
            "--id",
            key_id,
            "--pin",
            PIN,
        )
        self._run(
            "pkcs11-tool", "--module", MODULE, "--token-label", self.label, "--login", "--pin", PIN,
            "--write-object", str(der), "--type", "cert", "--id", key_id, "--label", name,
        )  # fmt: skip
        pem.unlink()


def make_profile(folder: Path, token: SoftToken, origin: str = ORIGIN, **settings: int) -> Server:
    """A profile with one paired server and the SoftHSM2 module; the server that belongs to it."""
    printed = subprocess.run(
        [*BRIDGE, "identity", "--profile", str(folder)],
        env=token.environment,
        check=True,
        capture_output=True,
    ).stdout
    server = Server(json.loads(printed), origin)
    (folder / "servers" / "demo.json").write_text(json.dumps(server.pairing()), encoding="utf-8")
    lines = [f"{name} = {value}" for name, value in settings.items()]
    table = ["[[pkcs11]]", 'name = "SoftHSM2"', f'path = "{MODULE}"']
    (folder / "config.toml").write_text("\n".join([*lines, *table, ""]))
    return server


class House:
    """A running bridge with everything around it."""

    def __init__(self, folder: Path, token: SoftToken, origin: str = ORIGIN, **settings: int) -> None:
        self.token = token
        self.server = make_profile(folder / "profile", self.token, origin, **settings)
        self.bridge = RunningBridge(folder / "profile", self.token.environment)
        self.bridge.person.pin = PIN

    def page(self) -> Page:
        return Page(self.server, self.bridge.port)

    @property
    def person(self) -> Any:
        return self.bridge.person
