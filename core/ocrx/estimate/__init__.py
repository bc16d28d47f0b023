"""How long a network must take on a device, at the least: its work and traffic, counted, against
what the device can do. Nothing is run; every figure is an estimate."""
