"""Drawn pictures of codes, with their text: for training and testing recognisers."""
