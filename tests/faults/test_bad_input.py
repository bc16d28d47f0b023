"""Whatever is given as a picture: pixels or a clear error, never a crash, a hang or a traceback."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrx.errors import EncryptedDocument, ImageTooLarge, InputError
from ocrx.images.opening import open_document
from ocrx.images.sources import expand
from support.samples import (
    animation,
    as_stored,
    decode,
    encode,
    exif,
    gradient,
    mean,
    pdf,
    png_header,
)

NOISE = PIL.Image.fromarray(np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8))


def refused(source: Any, message: str, kind: type[InputError] = InputError) -> InputError:
    """The error that `source` meets; it names the remedy and can be printed anywhere."""
    with pytest.raises(kind, match=message) as caught, open_document(source) as document:
        document.image(0)
    assert caught.value.remedy
    str(caught.value).encode("utf-8")
    return caught.value


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.png"
    path.touch()
    refused(path, r"empty\.png is empty")
    refused(b"", "bytes is empty")


@pytest.mark.parametrize("part", [0.999, 0.9, 0.5, 0.1, 0.01])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["baseline", "progressive"])
def test_a_truncated_jpeg(tmp_path: Path, part: float, options: dict[str, bool]) -> None:
    data = encode(NOISE, "JPEG", **options)
    path = tmp_path / "cut.jpg"
    path.write_bytes(data[: int(len(data) * part)])
    refused(path, r"cut\.jpg is (damaged or incomplete|no picture)")


def test_a_jpeg_with_damage_inside_is_shown_as_every_viewer_does() -> None:
    data = encode(NOISE, "JPEG")
    assert decode(data[: len(data) // 2] + b"\xff\xd9").shape == (48, 64, 3)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "BMP", "PPM", "GIF", "AVIF", "JPEG2000"])
def test_other_truncated_pictures(kind: str) -> None:
    data = encode(NOISE, kind)
    refused(data[: len(data) // 2], "bytes is damaged or incomplete")
    refused(data[:20], "bytes is (damaged or incomplete|no picture)")


def test_text_named_png(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("These are only words.\n")
    refused(path, r"notes\.png is text, not a picture")


def test_a_file_of_another_kind() -> None:
    refused(b"\x7fELF" + bytes(200), "not a picture of a known format")


def test_an_encrypted_pdf(tmp_path: Path) -> None:
    path = tmp_path / "secret.pdf"
    path.write_bytes(pdf(encrypted=True))
    refused(path, r"secret\.pdf is encrypted", EncryptedDocument)


def test_a_broken_pdf() -> None:
    refused(b"%PDF-1.7\nrubbish", "bytes is damaged")


def test_one_pixel() -> None:
    for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF"):
        assert mean(decode(encode(PIL.Image.new("RGB", (1, 1), "white"), kind))) == (255, 255, 255)


def test_a_strip() -> None:
    assert decode(encode(PIL.Image.new("L", (20000, 40), 9))).shape == (40, 20000, 3)


def test_a_header_that_claims_60000_by_60000(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(60000, 60000))
    refused(path, r"huge\.png is 60000x60000", ImageTooLarge)
    jpeg = bytearray(encode(gradient(), "JPEG"))
    size = jpeg.index(b"\xff\xc0") + 5
    jpeg[size : size + 4] = (60000).to_bytes(2, "big") * 2
    refused(bytes(jpeg), "bytes is 60000x60000", ImageTooLarge)


def test_a_header_without_pixels() -> None:
    refused(png_header(0, 100), "bytes is damaged or incomplete|has no pixels")


def test_cmyk_sixteen_bits_palette_and_alpha() -> None:
    red = PIL.Image.new("RGB", (20, 10), (200, 0, 0))
    assert mean(decode(encode(red.convert("CMYK"), "JPEG")))[0] > 180
    sixteen = PIL.Image.fromarray(np.full((10, 20), 200 * 257, np.uint16))
    assert mean(decode(encode(sixteen))) == (200, 200, 200)
    assert mean(decode(encode(red.quantize(2)))) == (200, 0, 0)
    assert mean(decode(encode(PIL.Image.new("RGBA", (20, 10), (200, 0, 0, 0))))) == (255, 255, 255)


def test_exif_rotation() -> None:
    data = encode(as_stored(gradient(), 6), "JPEG", exif=exif(6))
    assert decode(data).shape == (48, 64, 3)


def test_no_read_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(encode(gradient()))
    path.chmod(0)
    if os.access(path, os.R_OK):  # root may read anything, so the refusal is played
        monkeypatch.setattr(Path, "open", _raising(PermissionError(13, "Permission denied")))
    refused(path, r"secret\.png may not be read")


def test_a_disk_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "scan.png"
    path.write_bytes(encode(gradient()))
    monkeypatch.setattr(Path, "open", _raising(OSError(5, "Input/output error")))
    refused(path, r"scan\.png cannot be read: Input/output error")


def _raising(error: OSError) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9\n.png")
    refused(path, r"caf\\xe9\\n\.png does not exist")
    path.write_bytes(b"words")
    assert "\n" not in str(refused(path, r"caf\\xe9\\n\.png is text"))
    path.write_bytes(encode(gradient()))
    with open_document(path) as document:
        assert document.name.endswith(r"caf\xe9\n.png")
        assert document.image(0).shape == (48, 64, 3)


@pytest.mark.parametrize("name", ["missing.png", "x" * 300, "nul\0byte.png", "a/b/c", "\ud800"])
def test_names_of_nothing(tmp_path: Path, name: str) -> None:
    refused(tmp_path / name, r"does not exist|cannot be read")


def test_a_folder_given_as_a_picture(tmp_path: Path) -> None:
    refused(tmp_path, "is a folder, not a picture")


def test_a_folder_with_no_picture(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").touch()
    with pytest.raises(InputError, match="holds no picture"):
        list(expand([str(tmp_path)]))


def test_one_bad_picture_among_many(tmp_path: Path) -> None:
    for i in range(20):
        (tmp_path / f"{i}.png").write_bytes(b"" if i == 7 else encode(gradient(8, 8)))
    good, bad = 0, []
    for source in expand([str(tmp_path)]):
        try:
            with open_document(source) as document:
                good += document.image(0).shape == (8, 8, 3)
        except InputError as error:
            bad.append(str(error))
    assert good == 19
    assert len(bad) == 1
    assert "7.png is empty" in bad[0]


# --- the decoder, fuzzed ----------------------------------------------------------------------

SEEDS = (
    encode(gradient(24, 16)),
    encode(gradient(24, 16).quantize(8)),
    encode(gradient(24, 16), "JPEG", exif=exif(6)),
    encode(gradient(24, 16), "JPEG", progressive=True),
    encode(gradient(24, 16), "TIFF"),
    encode(gradient(24, 16).convert("1"), "TIFF", compression="group4"),
    encode(gradient(24, 16), "TIFF", compression="tiff_lzw"),
    encode(gradient(24, 16), "BMP"),
    encode(gradient(24, 16), "PPM"),
    encode(gradient(24, 16), "JPEG2000"),
    animation("GIF"),
    animation("PNG"),
    animation("WEBP"),
    animation("TIFF"),
    pdf([(40, 20, "a"), (20, 40, "b")]),
)
CPU_SECONDS = 5
"""No input of a few kilobytes may take more; most take a few milliseconds."""


def _decodes_or_refuses(data: bytes) -> None:
    started = time.process_time()
    try:
        with open_document(data, max_pixels=250_000) as document:
            assert len(document) >= 1
            for index in range(min(len(document), 6)):
                _page_or_error(document.image, index)
    except InputError as error:
        _is_clear(error)
    assert time.process_time() - started < CPU_SECONDS


def _page_or_error(image: Callable[[int], Any], index: int) -> None:
    try:
        page = image(index)
    except InputError as error:
        _is_clear(error)
    else:
        assert page.dtype == np.uint8
        assert page.ndim == 3
        assert page.shape[2] == 3
        assert 0 < page.shape[0] * page.shape[1] <= 250_000
        assert page.flags.c_contiguous


def _is_clear(error: InputError) -> None:
    assert "bytes" in error.message
    assert error.remedy
    assert "\n" not in str(error)
    str(error).encode("utf-8")


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_random_bytes(data: bytes) -> None:
    _decodes_or_refuses(data)


@given(st.sampled_from(SEEDS), st.integers(1, 40), st.binary(max_size=400))
@settings(max_examples=300)
def test_random_bytes_behind_a_true_beginning(seed: bytes, kept: int, data: bytes) -> None:
    _decodes_or_refuses(seed[:kept] + data)


@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False), st.integers(1, 12))
@settings(max_examples=600)
def test_mutated_files(seed: bytes, chance: random.Random, mutations: int) -> None:
    data = bytearray(seed)
    for _ in range(mutations):
        # Headers decide more than pixels: half of all changes go there.
        position = chance.randrange(min(len(data), chance.choice((80, len(data)))))
        kind = chance.randrange(5)
        if kind < 3:
            data[position] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
        elif kind == 3:
            data[position:position] = chance.randbytes(chance.choice((1, 4, 50)))
        else:
            del data[position : position + chance.choice((1, 4, 50))]
        if not data:
            return
    _decodes_or_refuses(bytes(data))


@given(st.sampled_from(SEEDS), st.floats(0, 1))
@settings(max_examples=200)
def test_files_cut_anywhere(seed: bytes, part: float) -> None:
    _decodes_or_refuses(seed[: int(len(seed) * part)])
