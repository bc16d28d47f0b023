"""The harness: it plans the cells and measures them in turn, each in a process of its own."""
