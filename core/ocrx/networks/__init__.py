"""Components made of networks: batches, sessions, tiles, and the decoding of outputs."""
