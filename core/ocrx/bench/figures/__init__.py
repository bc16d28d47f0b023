"""The figures of a run: quality, cost, their intervals, and which differences are mere noise."""
