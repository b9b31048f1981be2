"""Training with the straight-through estimator, and quantization to the integer network (torch lives only here)."""
