"""Run a network of the zoo on an emulated Cortex-M4, and compare every spike and membrane with the reference."""

import sys

from hostctl import api

summary = api.run("mnist-tiny", "mps2_an386", data=sys.argv[1], limit=20, trace=True, force=True)
print(f"{summary.different} of {summary.samples} samples differ, {summary.mismatching_membranes} membranes")
print(f"{summary.heads[0].accuracy_device:.1%} right, {summary.latency.mean:,.0f} {summary.latency_unit} an inference")
