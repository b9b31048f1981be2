"""A user's checkout of CMSIS-NN: which of its files ``arm_fully_connected_s8`` needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codegen.ir import Problem, SpikecError

SOURCES = (
    "Source/FullyConnectedFunctions/arm_fully_connected_s8.c",
    "Source/NNSupportFunctions/arm_nn_vec_mat_mult_t_s8.c",
)
HEADERS = ("Include/arm_nnfunctions.h", "Include/arm_nn_types.h", "Include/arm_nnsupportfunctions.h")

HINT = "Give a checkout of version 4.1 or later; its headers need newlib's (apt-get install libnewlib-arm-none-eabi)"


@dataclass(frozen=True)
class Checkout:
    """Where a checkout lies."""

    root: Path

    @property
    def sources(self) -> list[Path]:
        """What to compile."""
        return [self.root / name for name in SOURCES]

    @property
    def includes(self) -> list[Path]:
        """Where its headers lie."""
        return [self.root / "Include"]


def open_checkout(root: Path) -> Checkout:
    """Look at a checkout. Raises SpikecError with every file that it lacks."""
    hint = "Give the folder of a checkout of https://github.com/ARM-software/CMSIS-NN, version 4.1 or later"
    where = f"--cmsis-nn {root}"
    if not root.is_dir():
        raise SpikecError([Problem(where, "is no folder", hint)])
    lacking = [name for name in (*HEADERS, *SOURCES) if not (root / name).is_file()]
    if lacking:
        raise SpikecError([Problem(where, f"lacks {name}", hint) for name in lacking])
    return Checkout(root.resolve())
