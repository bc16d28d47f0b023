"""What a code says beyond its value: elements of GS1, bytes that are no text, and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrx_barcodes import gs1

if TYPE_CHECKING:
    import zxingcpp

_EXTRA = {"UPCE": "upc-e", "EanAddOn": "add-on"}


def fields_of(code: zxingcpp.Barcode) -> dict[str, str]:
    """The fields of a code's item. A code that says nothing but its value has none.

    - `content` is "gs1", "gs1-digital-link", "iso15434", "binary", "mixed" or "unknown-eci".
    - `(01) GTIN` and the like are elements of GS1; `gs1 error` says which of them are wrong.
    - `bytes`, in hexadecimal, is the content of a code that the value shows only in part, or that
      could not be verified; `error` says why it could not be read.
    - `upc-e` is a UPC-E as it is printed, `add-on` what stands beside an EAN or UPC.
    """
    import zxingcpp

    kinds = zxingcpp.ContentType
    fields: dict[str, str] = {}
    if not code.valid:
        fields["error"] = _reason(code)
    elif code.content_type == kinds.GS1:
        fields |= {"content": "gs1"} | gs1.message(code.bytes.decode("latin-1"))
    elif code.content_type == kinds.Text:
        fields |= gs1.digital_link(code.text)
    else:
        fields["content"] = _CONTENTS[code.content_type.name]
    if code.bytes and (not code.valid or code.content_type not in (kinds.Text, kinds.GS1)):
        fields["bytes"] = code.bytes.hex()
    extra = code.extra
    if isinstance(extra, dict):  # None for a code that has nothing more to say
        fields |= {name: str(extra[key]) for key, name in _EXTRA.items() if key in extra}
    return fields


_CONTENTS = {
    "Binary": "binary",
    "ISO15434": "iso15434",
    "Mixed": "mixed",
    "UnknownECI": "unknown-eci",
}


def _reason(code: zxingcpp.Barcode) -> str:
    """Why a code could not be read, such as "checksum" or "format: invalid matrix dimension"."""
    if code.error is None:
        return "unreadable"
    detail = code.error.message
    return code.error.type.name.lower() + (f": {detail[0].lower()}{detail[1:]}" if detail else "")
