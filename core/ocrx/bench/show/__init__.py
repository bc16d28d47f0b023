"""A run, shown: on the terminal, as Markdown, CSV or one HTML file."""
