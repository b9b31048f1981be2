"""How far is the estimate of a design's area from what Yosys counts? Synthesises whole devices.

    python benchmarks/fpga_area.py [--board BOARD] [--fit] [--keep FILE]

Prints docs/synthesis.md's table: LUTs, flip-flops and block RAMs by synthesis, and by ``codegen.passes.hardware_area``.
``--fit`` tells the constants of that module that would have been closest, by least squares of relative errors.
``--keep``: a JSON file of counts; designs in it are not synthesised again. All designs take some ten minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "cases")]

from golden import golden_ct  # noqa: E402

from codegen import zoo  # noqa: E402
from codegen.backends.verilog import project_plan  # noqa: E402
from codegen.board import Board, load_board  # noqa: E402
from codegen.fpga import Fpga  # noqa: E402
from codegen.ir import Network, load  # noqa: E402
from codegen.passes.hardware import Design  # noqa: E402
from codegen.passes.hardware_area import FFS, LUTS, PARTS, SCALES, estimate, parts  # noqa: E402
from codegen.passes.hardware_choice import laid_out  # noqa: E402
from codegen.plan import write  # noqa: E402
from hostctl.fpga import synthesise  # noqa: E402

DESIGNS = (
    ("mnist-tiny", "tangnano9k", 64, 1),
    ("mnist-tiny", "tangnano20k", 64, 1),
    ("mnist-tiny", "tangnano20k", 64, 4),
    ("mnist-tiny", "ulx3s_85f", 8, 1),
    ("mnist-tiny", "ulx3s_85f", 64, 1),
    ("nmnist-ct-conv", "ulx3s_85f", 8, 1),
    ("mnist-tiny", "arty_a7_100t", 64, 1),
    ("mnist-tiny", "de10_nano", 64, 1),
    ("nmnist-ct-256", "ulx3s_85f", 64, 2),
    ("nmnist-ct-256", "arty_a7_100t", 32, 2),
    ("nmnist-ct-256", "de10_nano", 32, 1),
    ("nmnist-ct-256", "ulx3s_85f", 256, 1),
    ("golden_ct (tests)", "icebreaker", 2, 1),
    ("golden_ct (tests)", "tangnano9k", 2, 1),
)
"""Network, board, lanes and spikes a cycle."""

ROUNDS = 20
MANY = 10**9


@dataclass(frozen=True)
class Row:
    """A design, and what Yosys counted."""

    name: str
    board: str
    network: Network
    design: Design
    fpga: Fpga
    counted: Mapping[str, int]

    @property
    def parts(self) -> NDArray[np.float64]:
        """How much it has of each of ``PARTS``."""
        found = parts(self.network, self.design, self.fpga)
        return np.array([found[name] for name in PARTS], float)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", action="append", help="only designs of this board [all]")
    parser.add_argument("--fit", action="store_true", help="tell the constants that fit best")
    parser.add_argument("--keep", type=Path, help="file of counts, read and written")
    options = parser.parse_args(arguments)
    print(
        "| network | board | lanes x spikes a cycle | LUT | estimate | flip-flops | estimate | block RAMs | estimate |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    rows = []
    for row in synthesised(options.board, options.keep):
        print(line(row), flush=True)
        rows.append(row)
    if options.fit:
        fit(rows)
    return 0


def synthesised(boards: Sequence[str] | None, keep: Path | None) -> Iterator[Row]:
    """All designs of these boards, with their counts."""
    kept = json.loads(keep.read_text()) if keep is not None and keep.is_file() else {}
    for name, board_id, lanes, banks in DESIGNS:
        if boards and board_id not in boards:
            continue
        board = load_board(board_id)
        assert board.fpga is not None
        network = golden_ct() if name.startswith("golden") else load(zoo.network_path(name))
        design = laid_out(network, board.fpga, lanes, banks)
        key = f"{name} {board_id} {lanes} {banks}"
        if key not in kept:
            with tempfile.TemporaryDirectory(prefix="spikec-area-") as folder:
                write(project_plan(network, board, design=design), Path(folder))
                result = synthesise(Path(folder), roomy(board), place=False)
                kept[key] = {usage.name: usage.used for usage in result.usage}
            if keep is not None:
                keep.write_text(json.dumps(kept, indent=1) + "\n")
        yield Row(name, board_id, network, design, board.fpga, kept[key])


def roomy(board: Board) -> Board:
    """The board with a chip that is never full: the count is wanted of what does not fit, too."""
    assert board.fpga is not None
    return replace(board, fpga=replace(board.fpga, luts=MANY, ffs=MANY, brams=MANY))


def line(row: Row) -> str:
    """A row of the table."""
    need = estimate(row.network, row.design, row.fpga)
    layout = ", ".join(f"{plan.lanes}x{plan.banks}" for plan in row.design.layers)
    both = (
        (row.counted["LUT"], need.luts),
        (row.counted["flip-flop"], need.ffs),
        (row.counted["block RAM"], need.brams),
    )
    cells = " | ".join(f"{count:,} | {guess:,}" for count, guess in both)
    name = f"`{row.name}`" if " " not in row.name else row.name.replace("golden_ct", "`golden_ct`")
    return f"| {name} | `{row.board}` | {layout} | {cells} |"


def fit(rows: Sequence[Row]) -> None:
    """Tell what each of ``PARTS`` takes, and each family's scale: in turns, each by what the other leaves."""
    for name, start, place in (("LUT", LUTS, 0), ("flip-flop", FFS, 1)):
        counted = np.array([row.counted[name] for row in rows], float)
        used = np.array([row.parts for row in rows])
        free = [i for i, part in enumerate(PARTS) if start[part] > 0]
        scales = {family: scale[place] for family, scale in SCALES.items()}
        for _ in range(ROUNDS):
            scale = np.array([scales[row.fpga.family] for row in rows])
            each = nonnegative(used[:, free] * (scale / counted)[:, None], np.ones(len(rows)))
            ratio = counted / (used[:, free] @ each)
            for family in scales:
                of_it = [ratio[i] for i, row in enumerate(rows) if row.fpga.family == family]
                if family != "ecp5" and of_it:
                    scales[family] = float(np.mean(of_it))
        error = np.array([scales[row.fpga.family] for row in rows]) * (used[:, free] @ each) / counted - 1
        print(f"\n{name}: {', '.join(f'{PARTS[i]} {value:.2f}' for i, value in zip(free, each, strict=True))}")
        print(f"scales: {', '.join(f'{family} {value:.2f}' for family, value in scales.items())}")
        print(f"errors: {', '.join(f'{100 * value:+.0f} %' for value in error)}")


def nonnegative(matrix: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least squares without negative numbers: what would be negative is left out, one after the other."""
    free = list(range(matrix.shape[1]))
    while True:
        found = np.linalg.lstsq(matrix[:, free], wanted, rcond=None)[0]
        if found.min() >= 0:
            break
        del free[int(found.argmin())]
    each = np.zeros(matrix.shape[1])
    each[free] = found
    return each


if __name__ == "__main__":
    sys.exit(main())
