"""Small pictures and documents made on the spot."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from ocrx.images.opening import ImageSource, open_document
from ocrx.types import Image

EXACT = ("PNG", "TIFF", "BMP", "PPM", "GIF")
LOSSY = ("JPEG", "WEBP", "AVIF", "JPEG2000")
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]


def gradient(width: int = 64, height: int = 48) -> PIL.Image.Image:
    """An RGB picture without symmetry: red grows to the right, green downwards."""
    x = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    y = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    return PIL.Image.fromarray(np.stack([x, y, 255 - x], axis=2).astype(np.uint8))


def encode(picture: PIL.Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The picture as the bytes of a file of that Pillow format."""
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def mean(image: NDArray[np.uint8]) -> tuple[float, ...]:
    """Mean red, green and blue."""
    return tuple(float(value) for value in image.reshape(-1, 3).mean(axis=0))


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to no data."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    )


def pdf(
    pages: Sequence[tuple[float, float, str]] = ((200, 100, "text"),), *, encrypted: bool = False
) -> bytes:
    """A PDF of pages of (width, height, text), in points; the encrypted one wants a password."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, (width, height, text) in enumerate(pages):
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>",
            pdf_stream(f"BT /F1 40 Tf 10 30 Td ({text}) Tj ET"),
        ]
    trailer = ""
    if encrypted:
        # No password has these digests, so none opens it; nothing needs to be enciphered for that.
        digest = "00112233445566778899aabbccddeeff" * 2
        trailer += f" /ID [<{digest}> <{digest}>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4"
        trailer += f" /O <{digest}> /U <{digest}> >>"
    return pdf_of(objects, trailer)


def pdf_stream(content: str, entries: str = "") -> str:
    """An object of a PDF that holds a stream."""
    return f"<< {entries} /Length {len(content)} >>\nstream\n{content}\nendstream"


def pdf_of(objects: Sequence[str], trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    data, offsets = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    xref = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    trailer = f"/Size {len(objects) + 1} /Root 1 0 R{trailer}"
    return data + f"{xref}trailer << {trailer} >>\nstartxref\n{len(data)}\n%%EOF".encode()


def decode(source: ImageSource, **options: Any) -> Image:
    with open_document(source, **options) as document:
        assert len(document) == 1
        return document.image(0)


def as_stored(picture: PIL.Image.Image, orientation: int) -> PIL.Image.Image:
    """How a camera stores `picture` if it writes that orientation."""
    method = {
        2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
        3: PIL.Image.Transpose.ROTATE_180,
        4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
        5: PIL.Image.Transpose.TRANSPOSE,
        6: PIL.Image.Transpose.ROTATE_90,
        7: PIL.Image.Transpose.TRANSVERSE,
        8: PIL.Image.Transpose.ROTATE_270,
    }.get(orientation)
    return picture if method is None else picture.transpose(method)


def exif(orientation: Any) -> PIL.Image.Exif:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    return exif


def animation(kind: str, count: int = 4) -> bytes:
    frames = [PIL.Image.new("RGB", (16, 12), COLOURS[i % 4]) for i in range(count)]
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    return encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
