"""The options of EasyOCR's components. Names and defaults are those of `Reader.readtext`."""

from __future__ import annotations

from dataclasses import dataclass

from ocrx.plugins.options import CtcOptions


@dataclass(frozen=True)
class DetectionOptions:
    """Which pixels are text, and which boxes make one line.

    A pixel is text if CRAFT's first map is above `low_text` there, or its second, the gaps between
    characters, above `link_threshold`. A box needs a pixel above `text_threshold`. A picture is
    seen in `mag_ratio` of its size, and at most `canvas_size` pixels long.

    A box is slanted if its upper or lower side rises by more than `slope_ths` of its length.
    Slanted boxes stay as they are. Others are joined if their centres are at the same height, to
    `ycenter_ths` of their heights, if their heights differ by less than `height_ths`, and if the
    gap between them is less than `width_ths` times the height. All boxes then grow by `add_margin`
    of their shorter side. Boxes whose longer side has at most `min_size` pixels are dropped.
    """

    text_threshold: float = 0.7
    low_text: float = 0.4
    link_threshold: float = 0.4
    canvas_size: int = 2560
    mag_ratio: float = 1.0
    slope_ths: float = 0.1
    ycenter_ths: float = 0.5
    height_ths: float = 0.5
    width_ths: float = 0.5
    add_margin: float = 0.1
    min_size: int = 20

    def __post_init__(self) -> None:
        for name in ("text_threshold", "low_text", "link_threshold"):
            _check(name, getattr(self, name), 0, 1)
        for name in ("slope_ths", "ycenter_ths", "height_ths", "width_ths", "min_size"):
            _check(name, getattr(self, name), 0, 1e6)
        _check("add_margin", self.add_margin, 0, 10)
        _check("canvas_size", self.canvas_size, 32, 4096)
        _check("mag_ratio", self.mag_ratio, 0.05, 10)


@dataclass(frozen=True)
class RecognitionOptions(CtcOptions):
    """What may be read, and when a line is read again.

    `languages` are BCP 47 tags, separated by commas. Characters that none of them has are not read,
    apart from digits and signs; "" allows all characters of the model. `allowlist` are the only
    characters to read, `blocklist` those not to read. At most one of the three can be given.

    A line whose confidence is below `contrast_ths` is read again with more contrast, unless it has
    a contrast of `adjust_contrast` already, and the more confident reading stays. `batch` is how
    many crops are read in one call.
    """

    languages: str = ""
    allowlist: str = ""
    blocklist: str = ""
    contrast_ths: float = 0.1
    adjust_contrast: float = 0.5
    batch: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        if sum(map(bool, (self.languages, self.allowlist, self.blocklist))) > 1:
            raise ValueError("give only one of languages, allowlist and blocklist")
        _check("contrast_ths", self.contrast_ths, 0, 1)
        _check("adjust_contrast", self.adjust_contrast, 0, 1)
        _check("batch", self.batch, 1, 1e6)


def _check(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        limits = f"at least {least:g}" if most == 1e6 else f"between {least:g} and {most:g}"
        raise ValueError(f"{name} must be {limits}, not {value}")
