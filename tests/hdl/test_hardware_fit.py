"""Hardware that does not fit is told before anything is built."""

from __future__ import annotations

import pytest

from codegen.board import load_board
from codegen.ir import SpikecError
from codegen.passes.hardware_fit import Estimate, check_room


def test_what_fits() -> None:
    board = load_board("ulx3s_85f")
    check_room(Estimate(luts=40_000, ffs=20_000, brams=208), board)
    check_room(Estimate(luts=int(0.95 * 83_640), ffs=0, brams=0), board)
    check_room(Estimate(luts=10**7, ffs=10**7, brams=10**7), load_board("fpga_sim"))


def test_every_shortage_is_told() -> None:
    with pytest.raises(SpikecError) as caught:
        check_room(Estimate(luts=82_000, ffs=20_000, brams=209), load_board("ulx3s_85f"))
    first, second = map(str, caught.value.problems)
    assert first.startswith(
        "board ulx3s_85f: the network needs about 82,000 LUTs, 83,640 are there (95 % can be used). Use fewer lanes"
    )
    assert "needs about 209 block RAMs, 208 are there. Use fewer" in second
