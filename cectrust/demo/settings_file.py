"""The demonstration's ``cectrust.toml``: an example of every section an operator needs."""

from __future__ import annotations

from cectrust.demo.layout import SOFTHSM, Layout

TEMPLATE = """\
data_dir = "data"
test_mode = {test_mode}

[server]
base_url = "{base_url}"
port = {web}

[database]
url = "{database}"

[storage]
store = "file_store"

[timestamping]
timestamper = "rfc3161"
anchors = ["roots/tsa-root.pem"]
revocation_hosts = ["127.0.0.1:{web}"]

[notifications]
notifiers = ["smtp"]

[plugins.rfc3161]
url = "http://127.0.0.1:{tsa}/"

[plugins.smtp]
host = "127.0.0.1"
port = {mail}
security = "plain"
sender = "noreply@operator.invalid"
sender_name = "CECTRUST（試験用）"

[plugins.cecsign]
repository_url = "{repository_url}"
policy_oid = "1.3.6.1.4.1.32473.1.1"
organisation = "CECSIGN Demo 認定外（試験用）"

[plugins.cecsign.common_names]
root = "CECSIGN Demo Root CA (Not Accredited, Test)"
issuing = "CECSIGN Demo Issuing CA (Not Accredited, Test)"
tsa_root = "CECSIGN Demo TSA Root CA (Not Accredited, Test)"
responder = "CECSIGN Demo OCSP Responder (Not Accredited, Test)"
timestamping = "CECSIGN Demo TSA (Not Accredited, Test)"

[plugins.cecsign.online_token]
module = "{module}"
label = "cecsign-online"
pin_file = "{desk}/pin"

[plugins.cecsign.offline_token]
module = "{module}"
label = "cecsign-offline"
pin_file = "{desk}/pin"
"""


def settings_text(layout: Layout, database: str, *, test_mode: bool) -> str:
    """``database`` is a SQLAlchemy URL, empty for SQLite in the data directory."""
    return TEMPLATE.format(
        test_mode=str(test_mode).lower(),
        base_url=layout.base_url,
        web=layout.ports.web,
        tsa=layout.ports.tsa,
        mail=layout.ports.mail,
        database=database,
        repository_url=layout.repository_url,
        module=SOFTHSM,
        desk=layout.desk,
    )
