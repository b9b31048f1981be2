"""Run one network on two boards, and compare the two, sample by sample; the page shows them side by side."""

import sys

from hostctl import api

for board in ("native", "mps2_an386"):
    api.run("mnist-tiny", board, data=sys.argv[1], out=f"runs/two/{board}", limit=20, force=True)
found = api.compare("runs/two/native", "runs/two/mps2_an386", page="runs/two/comparison.html")
print(f"{found.differing} of {found.samples} samples differ")
