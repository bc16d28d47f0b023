"""EasyOCR and tesserocr by themselves, to measure beside ocrx."""
