"""Labelled pictures: loading them in any form, describing them, finding what is wrong."""
