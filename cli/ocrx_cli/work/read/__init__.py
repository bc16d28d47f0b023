"""The work of `ocrx read`."""
