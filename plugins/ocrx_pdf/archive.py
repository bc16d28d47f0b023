"""PDF/A-2b (ISO 19005-2): made of a document without changing what its pages show, and checked."""

from __future__ import annotations

import io
from typing import Any

FLAVOUR = "2b"


def archived(pdf: Any) -> tuple[bytes | None, str]:
    """The pikepdf.Pdf as PDF/A-2b; or None, and the reason in words.

    It is declared and given an sRGB output intent, and the result is read back and checked by
    pikepdf's validator, which approves only of what it knows to conform.
    """
    from pikepdf import pdfa

    pdfa.prepare(pdf, FLAVOUR)
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        del metadata["xmp:MetadataDate"]  # the same pages make the same document at any time
    buffer = io.BytesIO()
    try:
        pdfa.save(pdf, buffer, FLAVOUR, repair=False, deterministic_id=True)
    except pdfa.PdfaError as error:
        findings = error.report.findings
        reason = f"{findings[0].message.rstrip('.')} ({findings[0].rule})"
        more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
        return None, reason + more
    return buffer.getvalue(), ""
