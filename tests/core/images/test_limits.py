"""Limits on size, and files let go of."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

import numpy as np
import PIL.Image
import pytest

from ocrx.errors import ImageTooLarge, InputError
from ocrx.images import frames
from ocrx.images.opening import ImageSource, open_document
from support.samples import EXACT, LOSSY, as_stored, decode, encode, exif, gradient, pdf, png_header


@pytest.mark.parametrize("kind", [*EXACT, *LOSSY, "array", "pil"])
def test_the_limit_holds_before_anything_is_decoded(kind: str) -> None:
    picture = gradient(40, 30)
    source: ImageSource = picture
    if kind != "pil":
        source = np.asarray(picture) if kind == "array" else encode(picture, kind)
    assert decode(source, max_pixels=1200).shape == (30, 40, 3)
    with pytest.raises(ImageTooLarge, match="40x30"):
        open_document(source, max_pixels=1199)


def test_a_header_alone_is_enough_to_refuse() -> None:
    with pytest.raises(ImageTooLarge, match=r"60000x60000, more than 150 million pixels") as caught:
        open_document(png_header(60000, 60000))
    assert caught.value.remedy


@pytest.mark.parametrize("kind", [*EXACT, *LOSSY])
def test_the_limits_of_pillow_do_not_interfere(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(gradient(), kind)
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 2000)
    monkeypatch.setattr(frames, "_PILLOW_PIXELS", 2000)
    assert decode(data).shape == (48, 64, 3)
    assert PIL.Image.MAX_IMAGE_PIXELS == 2000


def test_a_turned_tiff_above_the_limit_of_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(as_stored(gradient(), 6), "TIFF", exif=exif(6))
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 2000)
    monkeypatch.setattr(frames, "_PILLOW_PIXELS", 2000)
    np.testing.assert_array_equal(decode(data), np.asarray(gradient()))


def test_strips_and_single_pixels() -> None:
    for size in ((20000, 40), (40, 20000), (1, 1), (1, 500)):
        for kind in ("PNG", "JPEG"):
            data = encode(PIL.Image.new("RGB", size, (9, 9, 9)), kind)
            assert decode(data).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("data", [encode(gradient()), encode(gradient(), "JPEG"), b"text", pdf()])
def test_files_are_closed(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[IO[bytes]] = []
    original = Path.open

    def spy(path: Path, *args: Any, **kwargs: Any) -> Any:
        opened.append(original(path, *args, **kwargs))
        return opened[-1]

    path = tmp_path / "file"
    path.write_bytes(data)
    monkeypatch.setattr(Path, "open", spy)
    try:
        with open_document(path) as document:
            assert document.image(0).size
            document.close()
    except InputError:
        assert data == b"text"
    assert len(opened) == 1
    assert opened[0].closed


def test_a_pipe_is_read(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as stream:
        stream.write(encode(gradient(8, 8)))
    try:
        assert decode(Path(f"/dev/fd/{reader}")).shape == (8, 8, 3)
    finally:
        os.close(reader)
