"""A font without shapes, as Tesseract and OCRmyPDF use it: invisible text needs only widths, and
what each code means."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from ocrx.errors import OutputError

ADVANCE = 0.5
"""The width of every character, in font sizes."""

DESCENT = 0.2
"""How far a line reaches below its baseline, in font sizes. It is as high as the font size."""

_EM = 1000
_NAME = "OcrxGlyphless"
_LAST = 0xFFFF
_EPOCH = 0x7C25B080  # 1970 in the seconds of TrueType, which count from 1904: the same font always
_CMAP = """\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{entries}endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


class GlyphlessFont:
    """Gives each character a code of two bytes, and knows at the end what they mean."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def encode(self, characters: Iterable[str]) -> str:
        """The codes of the characters in hexadecimal, for a string of a content stream."""
        return "".join(f"{self._code(character):04X}" for character in characters)

    def _code(self, character: str) -> int:
        code = self._codes.setdefault(character, len(self._codes) + 1)
        if code > _LAST:
            raise OutputError(
                f"a PDF has room for {_LAST} different characters, and these pages have more",
                "Write fewer pages to one file.",
            )
        return code

    def fill(self, pdf: Any, font: Any) -> None:
        """Make `font`, a dictionary of the pikepdf.Pdf, the font for all that was encoded.

        It is a Type 0 font whose codes are those of characters in an embedded TrueType font, which
        has one blank glyph for all of them (ISO 32000-1, 9.7).
        """
        from pikepdf import Array, Dictionary, Name, Stream, String

        program = Stream(pdf, _true_type())
        descriptor = Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name(f"/{_NAME}"),
            Flags=4,
            FontBBox=[0, -round(DESCENT * _EM), round(ADVANCE * _EM), round((1 - DESCENT) * _EM)],
            ItalicAngle=0,
            Ascent=round((1 - DESCENT) * _EM),
            Descent=-round(DESCENT * _EM),
            CapHeight=round((1 - DESCENT) * _EM),
            StemV=80,
            FontFile2=pdf.make_indirect(program),
        )
        descendant = Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=Name(f"/{_NAME}"),
            CIDSystemInfo=Dictionary(
                Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0
            ),
            FontDescriptor=pdf.make_indirect(descriptor),
            DW=round(ADVANCE * _EM),
            CIDToGIDMap=pdf.make_indirect(Stream(pdf, b"\0\1" * (len(self._codes) + 1))),
        )
        font.Type = Name.Font
        font.Subtype = Name.Type0
        font.BaseFont = Name(f"/{_NAME}")
        font.Encoding = Name("/Identity-H")
        font.DescendantFonts = Array([pdf.make_indirect(descendant)])
        font.ToUnicode = pdf.make_indirect(Stream(pdf, self._to_unicode()))

    def _to_unicode(self) -> bytes:
        lines = [
            f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>\n"
            for character, code in self._codes.items()
        ]
        groups = [lines[start : start + 100] for start in range(0, len(lines), 100)]
        entries = "".join(
            f"{len(group)} beginbfchar\n{''.join(group)}endbfchar\n" for group in groups
        )
        return _CMAP.format(entries=entries).encode("ascii")


def _true_type() -> bytes:
    """A TrueType font of one glyph, twice. It is a line there and back: nothing that is filled, but
    its bounding box is that of a character. PDFium skips text whose glyphs have no extent."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    names = [".notdef", "blank"]
    ascent, descent = round((1 - DESCENT) * _EM), -round(DESCENT * _EM)
    width = round(ADVANCE * _EM)
    pen = TTGlyphPen(None)
    pen.moveTo((0, descent))
    pen.lineTo((width, ascent))
    pen.lineTo((width // 2, (ascent + descent) // 2))
    pen.closePath()
    builder = FontBuilder(_EM, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x20: "blank"})
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (width, 0)))
    builder.setupHorizontalHeader(ascent=ascent, descent=descent)
    builder.setupOS2(sTypoAscender=ascent, sTypoDescender=descent, usWinAscent=ascent)
    builder.setupNameTable({"familyName": _NAME, "styleName": "Regular", "psName": _NAME})
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = _EPOCH
    builder.font.recalcTimestamp = False
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()
