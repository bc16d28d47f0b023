"""The work of `ocrx plugins`."""
