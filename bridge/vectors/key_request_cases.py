"""Requests about keys and certificates, and to log in: each operation has claims of its own."""

from __future__ import annotations

import hashlib
from typing import Any

from auth_cases import CERTIFICATE, HOLDER, certificate
from request_cases import SIGN, case, request
from tokens import STRANGER, b64, test_key

COMMON = {name: SIGN[name] for name in SIGN if name not in ("op", "cert_sha256", "format", "mechanism", "docs")}
TOKEN = {"module": "SoftHSM2", "serial": "0123456789abcdef", "model": "SoftHSM v2"}
LOGIN = {"nonce": b64(hashlib.sha256(b"auth nonce").digest()), "purpose": "login", "act": None}
STEP_UP = {**LOGIN, "purpose": "step_up", "act": "契約の取り消し（工事請負契約書）"}
KEY = {"type": "rsa2048", "label": "髙﨑 𠮷乃", "change_pin": False}
CSR = {
    "key_id": "00ff" * 10,
    "subject": [["C", "JP"], ["O", "乙建設株式会社"], ["CN", "髙﨑 𠮷乃"], ["serialNumber", "000123"]],
}
AUTHENTICATE = {
    **COMMON,
    "op": "auth.sign",
    "cert_sha256": SIGN["cert_sha256"],
    "mechanism": "ecdsa_sha256",
    "auth": LOGIN,
}
GENERATE = {**COMMON, "op": "key.generate", "token": TOKEN, "key": KEY}
REQUEST_CERTIFICATE = {**COMMON, "op": "csr.create", "token": TOKEN, "csr": CSR}
IMPORT = {**COMMON, "op": "cert.import", "token": TOKEN, "import": {"certificate": b64(CERTIFICATE), "chain": []}}

ROOT, ISSUING = test_key("cectrust test: root authority"), test_key("cectrust test: issuing authority")
ISSUED = b64(certificate(HOLDER, issuer="試験発行局", signer=ISSUING))
CHAIN = [b64(certificate(ISSUING, "試験発行局", "試験ルート", ROOT)), b64(certificate(ROOT, "試験ルート"))]
NAMESAKE = b64(certificate(STRANGER, "試験発行局", "試験ルート", ROOT))


def own(name: str, claims: dict[str, Any], member: str, **changes: Any) -> dict[str, Any]:
    """A request whose own claim `member` is changed so that it is refused."""
    changed = {**claims, member: {**claims[member], **changes}}
    return case(name, "bad_request_signature", request(changed), method=claims["op"])


def of_keys() -> list[dict[str, Any]]:
    bad, four = "bad_request_signature", (AUTHENTICATE, GENERATE, REQUEST_CERTIFICATE, IMPORT)
    rdn, with_chain = CSR["subject"], {**IMPORT, "import": {"certificate": ISSUED, "chain": CHAIN}}
    return [
        *[case(each["op"], token=request(each), method=each["op"]) for each in four],
        case("import with its issuers", token=request(with_chain), method="cert.import"),
        case("auth.sign for a named act", token=request({**AUTHENTICATE, "auth": STEP_UP}), method="auth.sign"),
        *[case(f"{each['op']} with documents", bad, request({**each, "docs": []}), method=each["op"]) for each in four],
        *[case(f"{each['op']} as a signature", bad, request(each)) for each in four],
        case("a signature as auth.sign", bad, method="auth.sign"),
        own("auth.sign with bytes to sign", AUTHENTICATE, "auth", octets="AA"),
        own("auth.sign with a short nonce", AUTHENTICATE, "auth", nonce=b64(bytes(31))),
        own("auth.sign for an unknown purpose", AUTHENTICATE, "auth", purpose="sign"),
        own("a log-in that names an act", AUTHENTICATE, "auth", act="契約の取り消し"),
        own("a step-up without an act", AUTHENTICATE, "auth", purpose="step_up"),
        own("a step-up whose act holds a zero octet", AUTHENTICATE, "auth", purpose="step_up", act="a\0b"),
        own("a step-up whose act holds a line feed", AUTHENTICATE, "auth", purpose="step_up", act="a\nb"),
        own("key of an unknown type", GENERATE, "key", type="rsa1024"),
        own("key that may leave", GENERATE, "key", extractable=True),
        own("key with a PIN", GENERATE, "key", pin="1234"),
        own("change_pin is 1", GENERATE, "key", change_pin=1),
        own("key on a module by its path", GENERATE, "token", path="/usr/lib/x.so"),
        own("csr of a key id with a digit missing", REQUEST_CERTIFICATE, "csr", key_id="0"),
        own("csr without a subject", REQUEST_CERTIFICATE, "csr", subject=[]),
        own("csr with an unknown attribute", REQUEST_CERTIFICATE, "csr", subject=[["emailAddress", "a@b.jp"]]),
        own("csr of a country of three letters", REQUEST_CERTIFICATE, "csr", subject=[["C", "JPN"]]),
        own("csr with kanji in a PrintableString", REQUEST_CERTIFICATE, "csr", subject=[["serialNumber", "一"]]),
        own("csr of seventeen attributes", REQUEST_CERTIFICATE, "csr", subject=[rdn[1]] * 17),
        own("import of what is no certificate", IMPORT, "import", certificate=b64(b"0\x03\x02\x01\x01")),
        own("import of six issuers", IMPORT, "import", chain=[b64(CERTIFICATE)] * 6),
        own("import with issuers in the wrong order", IMPORT, "import", certificate=ISSUED, chain=CHAIN[::-1]),
        own("import with a gap between issuers", IMPORT, "import", certificate=ISSUED, chain=CHAIN[1:]),
        own("import with a namesake of its issuer", IMPORT, "import", certificate=ISSUED, chain=[NAMESAKE]),
        own("import with a stranger behind the root", IMPORT, "import", certificate=ISSUED, chain=[*CHAIN, NAMESAKE]),
        own("import of a key", IMPORT, "import", key="AA"),
    ]
