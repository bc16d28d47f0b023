"""The settings that tuning found best on this machine."""
