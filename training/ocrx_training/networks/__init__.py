"""Networks that are trained here, defined in PyTorch."""
