"""Flash, RAM and stack of the zoo's networks by line, beside their minimum, as tables for docs/memory.md.

Run ``python benchmarks/memory.py`` (``--board``, ``--network``: others than the table's). Exits with 2 when a network
does not fit the board or something is missing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from codegen.board import load_board  # noqa: E402
from codegen.ir import SpikecError, load  # noqa: E402
from codegen.zoo import network_path  # noqa: E402
from hostctl.cli.output import Output  # noqa: E402
from hostctl.cli.pipeline import build_figures, build_firmware  # noqa: E402

OUT = Output("benchmarks/memory.py", json=False)
NETWORKS = ("mnist-tiny", "mnist-dc-256", "nmnist-ct-256", "fashion-ct-conv", "mnist-dc-conv")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the networks, and print the tables; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--board", default="mps2_an386", help="board to build for [mps2_an386]")
    parser.add_argument("--network", action="append", help="name or .spk file [five of the zoo]")
    options = parser.parse_args(arguments)
    names = options.network or NETWORKS
    try:
        found = [memory_of(name, options.board) for name in names]
    except SpikecError as error:
        return OUT.problems(error.problems, 2)
    for key, title in (("flash", "flash"), ("ram", "RAM")):
        print("\n".join(table(title, names, [memory[key] for memory in found])), end="\n\n")
    print("stack, bound:", ", ".join(str(memory["stack"]["bound"]) for memory in found))
    return 0


def memory_of(name: str, board_id: str) -> dict[str, Any]:
    """What a network takes of a board's memory. Raises SpikecError."""
    network, board = load(network_path(name)), load_board(board_id)
    with tempfile.TemporaryDirectory() as folder:
        memory = build_figures(build_firmware(OUT, network, board, Path(folder)), network)["memory"]
    assert isinstance(memory, dict)
    return memory


def table(title: str, names: Sequence[str], memories: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A table in Markdown, a column a network; lines that are 0 everywhere are left out."""
    yield row(title, [f"`{name}`" for name in names])
    yield row("---", ["---:"] * len(names))
    yield row("**all**", [f"**{memory['total']:,}**" for memory in memories])
    yield row("the network's minimum", [f"{memory['least']:,}" for memory in memories])
    for group in ("minimum", "on_top"):
        for lines in zip(*(memory[group] for memory in memories), strict=True):
            if any(line["bytes"] for line in lines):
                yield row(lines[0]["words"], [f"{line['bytes']:,}" for line in lines])


def row(name: str, cells: Sequence[str]) -> str:
    """A line of a table in Markdown."""
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
