"""Settings of the composed house, and files that they name."""

from __future__ import annotations

from pathlib import Path

from tests.support.authorities import KIND
from tests.support.pki import Pki

PROVIDER = """
code = "{kind}"
label_ja = "試験用電子証明書"
label_en = "Test certificate"
anchors = ["root.pem"]
intermediates = ["issuing.pem"]
policy_oids = ["2.5.29.32.0"]
revocation_hosts = ["{host}"]
"""


def settings_of_house(directory: Path, pki: Pki, host: str, url: str) -> str:
    (directory / "tsa-root.pem").write_bytes(pki.tsa_root.pem)
    return f'''
[storage]
store = "file_store"
[timestamping]
timestamper = "rfc3161"
anchors = ["tsa-root.pem"]
revocation_hosts = ["{host}"]
[plugins.rfc3161]
url = "{url}"
'''


def settings_of_processes(directory: Path, pki: Pki, host: str, mail_port: int) -> str:
    """What the house has in this process only: the provider, and somebody to tell."""
    (directory / "root.pem").write_bytes(pki.root.pem)
    (directory / "issuing.pem").write_bytes(pki.issuing.pem)
    (directory / "provider.toml").write_text(PROVIDER.format(kind=KIND, host=host))
    return f'''
[notifications]
notifiers = ["smtp"]
[plugins.smtp]
host = "127.0.0.1"
port = {mail_port}
security = "plain"
sender = "noreply@operator.invalid"
[plugins.partner_toml]
files = ["{directory}/provider.toml"]
'''
