"""Decodes the outputs of networks: CTC and DB."""
