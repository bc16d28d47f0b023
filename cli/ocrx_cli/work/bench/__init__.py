"""The work of `ocrx bench`, and of `ocrx matrix` where it measures."""
