"""Components made of a network: batches, sessions, and decoding of what comes out."""
