"""Datasets of labelled pictures: loading them in any form, describing them, finding faults."""
