"""What nextpnr's report says: how full the chip is, and how fast."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hostctl.fpga.families import Family
from hostctl.fpga.families.family import Place
from hostctl.fpga.result import Clock, Usage

_NAME = re.compile(r"^\$glbnet\$|\$(TRELLIS_IO_IN|SB_IO_IN_\$glb_clk|SB_IO_IN|glb_clk)$|_IBUF_[IO](_O)?$")
"""What nextpnr adds to the name of a clock on its way through pads and clock buffers."""

_FMAX = re.compile(
    r"Info: Max frequency for clock +'(?P<name>.+)': +(?P<mhz>[\d.]+) MHz \(\w+ at (?P<wanted>[\d.]+) MHz\)"
)


def count_cells(design: Mapping[str, Any], top: str, family: Family) -> dict[str, int]:
    """How much of each resource the cells of a flattened netlist (Yosys's JSON) take."""
    counts = dict.fromkeys((takes.resource for takes in family.takes), 0)
    for cell in design["modules"][top]["cells"].values():
        for takes in family.takes:
            if re.fullmatch(takes.pattern, cell["type"]):
                counts[takes.resource] += takes.amount
    return counts


def usage(report: Mapping[str, Any], place: Place) -> list[Usage]:
    """The resources that the family's ``reports`` names, in their order."""
    found = report["utilization"]
    return [
        Usage(resource, *(sum(found[name][key] for name in names) for key in ("used", "available")))
        for resource, names in place.reports.items()
    ]


def clocks(report: Mapping[str, Any], lines: Sequence[str], place: Place) -> list[Clock]:
    """Every clock with paths between its flip-flops, the tightest first; ``lines``: what nextpnr said meanwhile."""
    fmax = {name: found["achieved"] for name, found in report["fmax"].items()}
    wanted = {name: found["constraint"] for name, found in report["fmax"].items()}
    if place.doubt is not None:  # What it said after placement counts, too.
        for match in filter(None, map(_FMAX.match, lines)):
            fmax[match["name"]] = min(fmax.get(match["name"], float("inf")), float(match["mhz"]))
            wanted.setdefault(match["name"], float(match["wanted"]))
    factor = 1.0 if place.doubt is None else 1 - place.doubt.percent / 100
    found = [Clock(_NAME.sub("", name), 1e6 * factor * fmax[name], 1e6 * wanted[name]) for name in fmax]
    return sorted(found, key=lambda clock: clock.margin_percent)


def slowest(report: Mapping[str, Any]) -> str:
    """The longest path from flip-flop to flip-flop of one clock: its ends, and its time in logic and in wires."""
    longest, text = 0.0, ""
    for path in report["critical_paths"]:
        wires = sum(part["delay"] for part in path["path"] if part["type"] == "routing")
        logic = sum(part["delay"] for part in path["path"] if part["type"] != "routing")
        if path["from"] == path["to"] and wires + logic > longest:
            longest = wires + logic
            ends = f"{path['path'][0]['from']['cell']} to {path['path'][-1]['to']['cell']}"
            text = f"{longest:.2f} ns from {ends} ({logic:.2f} ns logic, {wires:.2f} ns wires)"
    return text
