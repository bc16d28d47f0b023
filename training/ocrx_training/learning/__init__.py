"""Training: batches, steps, checkpoints, curves, and the network as an ONNX file."""
