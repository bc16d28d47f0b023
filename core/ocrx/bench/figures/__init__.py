"""Figures of a run: quality, cost, intervals, and what noise leaves undecided."""
