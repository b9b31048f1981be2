"""Count the instructions of each layer and phase on an emulated core."""

import sys

from hostctl import api
from hostctl.profile import profile_text

found = api.profile("mnist-tiny", "mps2_an386", data=sys.argv[1], out="build/profile", force=True)
print(profile_text(found, 5))
print(f"{found.samples} sample, {len(found.differences)} differences")
