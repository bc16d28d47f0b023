"""Shows a run: on the terminal, as Markdown, CSV or JSON, or as one HTML file."""
