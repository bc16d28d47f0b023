"""Pages as text, JSON, tables and pictures."""
