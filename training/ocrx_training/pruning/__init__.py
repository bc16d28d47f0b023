"""Pruning: which channels of a network hang together, which matter least, and what is left."""
