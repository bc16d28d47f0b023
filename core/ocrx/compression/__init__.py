"""Compressing models: chains of compressors, and what they cost, measured by the harness."""
