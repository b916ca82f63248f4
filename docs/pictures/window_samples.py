"""What the pictured windows show: a contract of three pages, and names as long and odd as real ones."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import io
import tempfile
from pathlib import Path
from typing import Any

import weasyprint
from asn1crypto import x509 as asn1_x509
from cectrust_bridge.doctor.finding import found
from cectrust_bridge.doctor.repairs import MENDS
from cectrust_bridge.documents.received import ReceivedDocument, Receiver
from cectrust_bridge.pairing.model import Pairing
from cectrust_bridge.requests.request import Document
from cectrust_bridge.tokens.model import Certificate, Token
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pypdfium2 import PdfDocument

COMPANY = "株式会社山田太郎建設工業北海道東北支店営業第一部"
PERSON = "髙﨑 𠮷乃"
TEXT = "発注者と受注者は、日本国の法令を遵守し、この契約を履行しなければならない。"
ARTICLES = "".join(
    f"<h2>第{number}条（{title}）</h2><p>{TEXT * 6}</p>"
    for number, title in enumerate(
        ("総則", "工事用地の確保等", "関連工事の調整", "請負代金内訳書及び工程表", "契約の保証") * 3, 1
    )
)
HTML = f"""<html lang="ja"><style>@page {{ size: A4; margin: 20mm }} body {{ font: 10.5pt "BIZ UDPMincho" }}
h1 {{ text-align: center; letter-spacing: .3em }} td {{ padding: 3pt 12pt; border: .5pt solid #555 }}</style>
<h1>工事請負契約書</h1><table><tr><td>工事名<td>（仮称）北海道東北支店営業第一部 髙﨑𠮷野ビル新築工事
<tr><td>発注者<td>{COMPANY}<tr><td>受注者<td>{PERSON} 工務店
<tr><td>請負代金額<td>金 123,456,789 円（うち消費税 11,223,344 円）
</table>{ARTICLES}</html>"""


def server() -> Pairing:
    """Where the page comes from."""
    origin = "https://keiyaku.yamada-kensetsu.example.jp"
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return Pairing("CECTRUST 建設契約", origin, (origin,), key, f"{PERSON}（{COMPANY}）")


def certificate(pin_state: str = "normal") -> Certificate:
    """A certificate on a token whose PIN stands so."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC)
    names = ((NameOID.COUNTRY_NAME, "JP"), (NameOID.ORGANIZATION_NAME, COMPANY), (NameOID.COMMON_NAME, PERSON))
    subject = x509.Name([x509.NameAttribute(oid, name) for oid, name in names])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CECSIGN 認証局（建設業）")])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(now).not_valid_after(now + datetime.timedelta(3 * 365))
    der = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    token = Token("eToken", f"{PERSON}のトークン", "02A5F31C", "SafeNet", "eToken 5110", pin_state, False)
    return Certificate(der, "ec", 256, ("ecdsa_sha256",), token)


def prepared_contract(der: bytes) -> bytes:
    """The contract with one empty signature, as the server sends it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(weasyprint.HTML(string=HTML).write_pdf()))
    metadata = signers.PdfSignatureMetadata(
        field_name="Sender", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    signer = signers.ExternalSigner(asn1_x509.Certificate.load(der), None, signature_value=512)
    preparing = signers.PdfSigner(metadata, signer=signer).async_digest_doc_for_signing(writer, bytes_reserved=16384)
    _, _, output = asyncio.run(preparing)
    return bytes(output.getvalue())


def claims(pdf: bytes, number: int, **changed: Any) -> Document:
    """What the server says of it."""
    named = {
        "title": "（仮称）北海道東北支店営業第一部 髙﨑𠮷野ビル新築工事 請負契約書\u202efdp.exe",
        "partner": COMPANY,
        "amount": 123_456_789 if number % 7 else None,
    } | changed
    currency = None if named["amount"] is None else "JPY"
    return Document(
        f"doc-{number}",
        hashlib.sha256(pdf).hexdigest(),
        len(pdf),
        currency=currency,
        pages=len(PdfDocument(pdf)),
        **named,
    )


def received(pdf: bytes, described: list[Document]) -> list[ReceivedDocument]:
    """The documents as they arrive."""
    receiver = Receiver(described, Path(tempfile.gettempdir()))
    for _ in described:
        for start in range(0, len(pdf), 1 << 20):
            receiver.take(pdf[start : start + (1 << 20)])
    return receiver.complete()


STATE = {
    "show": "state",
    "version": "0.1.0",
    "port": 48710,
    "trouble": "",
    "servers": [
        {
            "issuer": "https://keiyaku.yamada-kensetsu.example.jp",
            "name": "CECTRUST 建設契約",
            "origins": ["https://keiyaku.yamada-kensetsu.example.jp"],
            "user": f"{PERSON}（{COMPANY}）",
            "since": "2026-04-01",
            "fleet": False,
        },
        {
            "issuer": "https://keiyaku.example.co.jp",
            "name": "佐藤建設 電子契約",
            "origins": ["https://keiyaku.example.co.jp"],
            "user": PERSON,
            "since": "",
            "fleet": True,
        },
    ],
}
TOKENS = {
    "show": "tokens",
    "trouble": "",
    "drivers": [{"name": "SafeNet", "state": "missing"}],
    "files": [{"name": "cert.p12", "shown": "cert.p12", "path": "/home/yamada/cert.p12", "state": "ok"}],
    "tokens": [
        {
            "device": {},
            "label": f"{PERSON}のトークン",
            "model": "eToken 5110",
            "serial": "••••F31C",
            "pin_state": "normal",
            "certificates": [
                {
                    "holder": f"{PERSON} / {COMPANY}",
                    "issuer": "CECSIGN 認証局",
                    "until": "2029-03-31",
                    "expired": False,
                },
                {"holder": PERSON, "issuer": "CECSIGN 認証局", "until": "2026-03-31", "expired": True},
            ],
        },
        {
            "device": {},
            "label": "予備",
            "model": "eToken 5110",
            "serial": "••••0042",
            "pin_state": "final",
            "certificates": [],
        },
        {
            "device": {"module": "cert.p12"},
            "label": "cert.p12",
            "model": "PKCS#12",
            "serial": "••••8e51",
            "pin_state": "normal",
            "certificates": [
                {"holder": PERSON, "issuer": "提携認証局", "until": "2027-03-31", "expired": False},
            ],
        },
    ],
}


def examined() -> list[dict[str, Any]]:
    """What the front tells of an examination that found a driver gone and no autostart."""
    findings = [
        found("os.supported", name="Debian GNU/Linux 12", as_of="2026-11-01"),
        found("autostart.off"),
        found("port.listening", port=48710),
        found("pairing.some", count=2),
        found("module.missing", name="SafeNet", path="/usr/lib/libeToken.so"),
    ]
    told = [{**each.as_json(), "repair": MENDS.get(each.code, "")} for each in findings]
    return [
        {"show": "doctor", "of": "findings", "done": len(told), "total": len(told), "findings": told},
        {"show": "doctor", "of": "examined"},
    ]


PLAN = {
    "show": "doctor",
    "of": "plan",
    "repair": "module",
    "changes": True,
    "command": "",
    "text": "/home/yamada/.config/cectrust-bridge/config.toml\n"
    '- path = "/usr/lib/libeToken.so"\n+ path = "/usr/lib/libeTPkcs11.so"\n',
}
