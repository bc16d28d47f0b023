"""How ocrx talks to a person: lines, tables, errors, progress."""
