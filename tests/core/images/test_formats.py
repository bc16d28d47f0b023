"""HEIC, which takes a package of its own; and formats told apart by their first bytes."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pillow_heif
import pytest

from ocrx.errors import ImageTooLarge, InputError
from ocrx.images.formats import kind_of
from ocrx.images.opening import open_document
from ocrx.images.sources import expand
from support.samples import COLOURS, as_stored, decode, encode, gradient, mean

HEIF_FILE: Any = pillow_heif.HeifFile  # it has no types


def heic(*pictures: PIL.Image.Image, **options: Any) -> bytes:
    file = HEIF_FILE()
    for picture in pictures:
        file.add_from_pillow(picture)
    stream = io.BytesIO()
    file.save(stream, quality=-1, **options)
    return stream.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_heic_is_read(mode: str) -> None:
    picture = gradient().convert(mode)
    image = decode(heic(picture))
    assert np.abs(image - np.asarray(picture.convert("RGB"), int)).mean() < 3


def test_the_pictures_of_one_heic_are_pages_in_any_order() -> None:
    data = heic(*(PIL.Image.new("RGB", (64, 64), colour) for colour in COLOURS[:3]))
    with open_document(data) as document:
        assert len(document) == 3
        for index in (2, 0, 1, 1):
            assert mean(document.image(index)) == pytest.approx(COLOURS[index], abs=3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_of_a_camera_held_sideways_is_upright_once(orientation: int) -> None:
    stored = as_stored(gradient(), orientation)
    data = PIL.Image.Exif()
    data[0x0112] = orientation
    file = HEIF_FILE()
    file.add_frombytes("RGB", stored.size, stored.tobytes()).info["exif"] = data.tobytes()
    stream = io.BytesIO()
    file.save(stream, quality=-1)
    image = decode(stream.getvalue())
    assert image.shape == (48, 64, 3)
    assert np.abs(image - np.asarray(gradient(), int)).mean() < 3


def test_a_heic_keeps_to_the_limit_and_damage_is_told() -> None:
    data = heic(gradient())
    with pytest.raises(ImageTooLarge, match="64x48"):
        open_document(data, max_pixels=64 * 48 - 1)
    for cut in (40, len(data) // 2):
        with pytest.raises(InputError, match="damaged"):
            decode(data[:cut])


def test_without_its_package_heic_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "IMG_1.heic"
    path.write_bytes(heic(gradient()))
    monkeypatch.setitem(sys.modules, "pillow_heif.as_plugin", None)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(InputError, match=r"IMG_1.heic is HEIC, for which pillow_heif") as caught:
        open_document(path)
    assert caught.value.remedy == "Get it with: pip install 'ocrx[heic]'."


def test_heic_in_a_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(heic(gradient()))
    (tmp_path / "IMG_2.heif").write_bytes(heic(gradient()))
    assert len(list(expand([str(tmp_path)], lambda *_: None))) == 2


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x20ftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x20ftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"\0\0\0\x20ftypmif1\0\0\0\0mif1heicmiaf", "HEIC"),
        (b"\0\0\0\x20ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x20ftyphevc\0\0\0\0hevc", "HEIC"),
        (b"\0\0\0\x20ftypmp42\0\0\0\0mp42isom", None),
        (encode(gradient(4, 4), "AVIF")[:64], "AVIF"),
    ],
)
def test_boxes_of_one_family_are_told_apart(head: bytes, kind: str | None) -> None:
    assert kind_of(head) == kind
