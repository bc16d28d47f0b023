"""Compressors that learn: `prune`, `sparsify` and `distill`."""
