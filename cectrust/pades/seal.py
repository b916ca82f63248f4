"""The visible seal: one image, no fonts. Its compressed form is kept, since a person signs often."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from cectrust.pades.errors import SealRefused
from cectrust.pades.model import SealImage
from cectrust.pades.pages import rotation

MAX_SEAL_BYTES = 1 << 20
MAX_SEAL_PIXELS = 4_000_000
_TURNS = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


@dataclass(frozen=True, slots=True)
class _Pixels:
    """Flate-compressed samples; `alpha` is None for an opaque seal."""

    width: int
    height: int
    color: bytes
    alpha: bytes | None


def draw_seal(writer: IncrementalPdfFileWriter, widget: Any, seal: SealImage) -> None:
    """Make `seal` the normal appearance of a signature field's widget, upright and undistorted."""
    pixels = _decode(seal.png)
    x0, y0, x1, y1 = (float(value) for value in widget["/Rect"])
    turn = rotation(widget["/P"]) if "/P" in widget else 0
    width, height = abs(x1 - x0), abs(y1 - y0)
    if turn in (90, 270):
        width, height = height, width
    form = _form(writer, pixels, width, height, turn)
    widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(form)})


@lru_cache(maxsize=64)
def _decode(png: bytes) -> _Pixels:
    if len(png) > MAX_SEAL_BYTES:
        raise _refused()
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            if image.width * image.height > MAX_SEAL_PIXELS:
                raise _refused()
            return _compress(image.convert("RGBA"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _refused() from error


def _compress(image: Image.Image) -> _Pixels:
    alpha = image.getchannel("A")
    opaque = alpha.getextrema() == (255, 255)
    packed = None if opaque else zlib.compress(alpha.tobytes())
    return _Pixels(image.width, image.height, zlib.compress(image.convert("RGB").tobytes()), packed)


def _refused() -> SealRefused:
    return SealRefused(
        "seal_image",
        "印影の画像はPNG（1MBまで、400万画素まで）にしてください。",
        "The seal image must be a PNG of at most 1 MB and 4 megapixels.",
    )


def _form(
    writer: IncrementalPdfFileWriter, pixels: _Pixels, width: float, height: float, turn: int
) -> generic.StreamObject:
    image = writer.add_object(_image_object(writer, pixels))
    scale = min(width / pixels.width, height / pixels.height)
    shown = (pixels.width * scale, pixels.height * scale)
    paint = b"q %.3f 0 0 %.3f %.3f %.3f cm /Seal Do Q" % (
        *shown,
        (width - shown[0]) / 2,
        (height - shown[1]) / 2,
    )
    resources = generic.DictionaryObject({pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Seal"): image})})
    return generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _numbers(0, 0, width, height),
            pdf_name("/Matrix"): _numbers(*_TURNS.get(turn, _TURNS[0]), 0, 0),
            pdf_name("/Resources"): resources,
        },
        stream_data=paint,
    )


def _numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject([generic.FloatObject(f"{value:.3f}") for value in values])


def _image_object(writer: IncrementalPdfFileWriter, pixels: _Pixels) -> generic.StreamObject:
    image = _samples(pixels, pixels.color, "/DeviceRGB")
    if pixels.alpha is not None:
        image[pdf_name("/SMask")] = writer.add_object(_samples(pixels, pixels.alpha, "/DeviceGray"))
    return image


def _samples(pixels: _Pixels, data: bytes, colors: str) -> generic.StreamObject:
    return generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Image"),
            pdf_name("/Width"): generic.NumberObject(pixels.width),
            pdf_name("/Height"): generic.NumberObject(pixels.height),
            pdf_name("/ColorSpace"): pdf_name(colors),
            pdf_name("/BitsPerComponent"): generic.NumberObject(8),
            pdf_name("/Filter"): pdf_name("/FlateDecode"),
        },
        encoded_data=data,
    )
