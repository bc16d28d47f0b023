"""The forms of datasets that ocrx brings: a module for each."""
