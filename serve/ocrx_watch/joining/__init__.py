"""From the readings of many frames to one reading of each object."""
