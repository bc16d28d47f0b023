"""From files, bytes, PDFs and arrays to RGB uint8 pictures."""
