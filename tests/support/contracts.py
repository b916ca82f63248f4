"""Signed contracts for tests, made through the engine's public functions only."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

from PIL import Image, ImageDraw
from pypdfium2 import PdfDocument

from cectrust import pades
from cectrust.pades.model import SealImage
from tests.support.pki import Entity, LocalTimestamper, Pki, now, sign_raw

FIELDS = ("Sender", "Recipient")


def seal_image(text: str = "印") -> SealImage:
    """A red ring on transparent ground."""
    del text
    image = Image.new("RGBA", (240, 240), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((8, 8, 232, 232), outline=(200, 20, 20, 255), width=14)
    out = io.BytesIO()
    image.save(out, "PNG")
    return SealImage(out.getvalue())


def blank_pdf(path: Path, pages: int = 1, side: float = 842) -> Path:
    """Empty pages of A4, or as high and as wide as `side` (points)."""
    document = PdfDocument.new()
    for _ in range(pages):
        document.new_page(595 if side == 842 else side, side)
    document.save(path)
    document.close()
    return path


def sign_field(
    source: Path,
    target: Path,
    field: str,
    person: Entity,
    pki: Pki,
    timestamper: LocalTimestamper | None,
    at: dt.datetime | None = None,
) -> Path:
    """prepare → token → embed, as the house does it."""
    prepared_file = target.with_suffix(".prepared")
    signer = pki.signer(person)
    prepared = pades.prepare(source, prepared_file, field, signer, seal_image(), at or now())
    signature = sign_raw(person, prepared.signed_attributes)
    pades.embed(prepared_file, target, prepared, signer, signature, timestamper)
    prepared_file.unlink()
    return target


def with_fields(source: Path, target: Path, names: tuple[str, ...] = FIELDS) -> Path:
    pades.add_fields(source, target, pades.place_slots(source, names))
    return target


def concluded(source: Path, folder: Path, pki: Pki, *, long_term: bool = True) -> dict[str, Path]:
    """Every revision of a contract two people sign: fields, first, first_lta, second, final."""
    stamp = pki.timestamper
    steps = {"fields": with_fields(source, folder / "fields.pdf")}
    steps["first"] = sign_field(steps["fields"], folder / "first.pdf", FIELDS[0], pki.hanako, pki, stamp)
    steps["second"] = sign_field(steps["first"], folder / "second.pdf", FIELDS[1], pki.taro, pki, stamp)
    steps["final"] = steps["second"]
    if long_term:
        steps["final"] = folder / "final.pdf"
        pades.extend_to_lta(steps["second"], steps["final"], pki.trust, pki, stamp)
    return steps
