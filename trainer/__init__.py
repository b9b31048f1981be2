"""Training with the straight-through estimator, and quantization to the integer network (torch lives only here)."""

import os

# Torch's worker threads spin while they wait for each other, which makes training many times slower when anything else
# wants the processor. So they spin for some microseconds only, then sleep. To be set before torch is imported.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
