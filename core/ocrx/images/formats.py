"""The formats of picture files: recognised by their first bytes and opened by Pillow."""

from __future__ import annotations

import logging
import re
from importlib import import_module
from typing import IO, TYPE_CHECKING, cast

from ocrx.errors import InputError

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

# Only these decoders get untrusted data. Some of Pillow's other decoders start programs.
_KINDS: tuple[tuple[str, bytes], ...] = (
    ("JPEG", rb"\xff\xd8\xff"),
    ("PNG", rb"\x89PNG\r\n\x1a\n"),
    ("GIF", rb"GIF8[79]a"),
    ("TIFF", rb"II[*+]\0|MM\0[*+]"),
    ("BMP", rb"BM.{4}\0\0\0\0"),
    ("WebP", rb"RIFF.{4}WEBP"),
    ("AVIF", rb".{4}ftyp(?:avi[fs]|mif1.{4}(?:.{4}){0,8}?avi[fs])"),
    ("HEIC", rb".{4}ftyp(?:hei[cmsx]|hev[cmsx]|mif[12]|msf1)"),
    ("JPEG 2000", rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n"),
    ("PNM", rb"P[1-6f][\s#]"),
)
_CLASSES = {
    # Not Pillow's factory, which also makes MpoImageFile: what a phone appends to the picture
    # (depth, a preview) is not a page.
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "WebP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "HEIC": ("pillow_heif.as_plugin", "HeifImageFile"),
    "JPEG 2000": ("PIL.Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    "PNM": ("PIL.PpmImagePlugin", "PpmImageFile"),
}
# Without a handler it writes warnings about damage to stderr where no logging is set up.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def kind_of(head: bytes) -> str | None:
    """The format of a picture file by its first bytes; None for one that is not supported."""
    return next((kind for kind, magic in _KINDS if re.match(magic, head, re.DOTALL)), None)


def open_picture(stream: IO[bytes], kind: str, name: str) -> ImageFile:
    """Opens a picture and reads its header. Raises InputError about `name` if the package that
    decodes it is missing, and whatever Pillow raises for damaged files."""
    # PIL.Image.open warns about large pictures, or refuses them, by a global limit of its own.
    module, opener = _CLASSES[kind]
    stream.seek(0)
    try:
        factory = getattr(import_module(module), opener)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{name} is {kind}, for which {error.name} is not installed",
            f"Get it with: pip install 'ocrx[{kind.lower()}]'.",
        ) from error
    return cast("ImageFile", factory(stream, ""))
