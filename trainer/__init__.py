"""Training with the straight-through estimator, and quantization to the integer network (torch lives only here)."""

import os

# Torch's worker threads spin while they wait, which makes training many times slower when anything else wants the
# processor. Asleep they cost next to nothing. This must be set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
