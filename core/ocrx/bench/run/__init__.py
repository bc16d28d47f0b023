"""The harness: which cells, in which turn, each in a process of its own."""
