"""A lower bound of the time that a network takes on a device.

It compares the network's arithmetic and memory traffic with what the device can do at its best.
Nothing is run, so every figure is an estimate.
"""
