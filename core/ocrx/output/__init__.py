"""Writes pages as text, JSON, tables and pictures."""
