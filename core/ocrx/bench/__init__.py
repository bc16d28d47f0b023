"""The harness: datasets, quality, cost, and the comparison of everything with everything.

What it needs beyond the base is in the extra `bench`.
"""
