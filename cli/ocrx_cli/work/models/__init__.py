"""The work of `ocrx models`."""
